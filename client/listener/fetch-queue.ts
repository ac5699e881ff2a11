/** Runs a few jobs at once, keeps some waiting, each key once, first come first served. */
export class FetchQueue {
  readonly #atOnceMax: number;
  readonly #waitingMax: number;
  readonly #running = new Set<string>();
  readonly #waiting = new Map<string, () => Promise<void>>();

  constructor(atOnceMax: number, waitingMax: number) {
    this.#atOnceMax = atOnceMax;
    this.#waitingMax = waitingMax;
  }

  /** `job` must not reject. */
  run(key: string, job: () => Promise<void>): 'taken' | 'known' | 'full' {
    if (this.#running.has(key) || this.#waiting.has(key)) return 'known';
    if (this.#running.size < this.#atOnceMax) {
      this.#start(key, job);
      return 'taken';
    }
    if (this.#waiting.size >= this.#waitingMax) return 'full';
    this.#waiting.set(key, job);
    return 'taken';
  }

  /** Forget what waits. */
  clear(): void {
    this.#waiting.clear();
  }

  #start(key: string, job: () => Promise<void>): void {
    this.#running.add(key);
    void job().finally(() => {
      this.#running.delete(key);
      for (const [next, nextJob] of this.#waiting) {
        this.#waiting.delete(next);
        this.#start(next, nextJob);
        return;
      }
    });
  }
}

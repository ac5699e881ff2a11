import { findWorker, startWorkerBuild } from '../../setup/worker.mjs';
import type { WorkerBuild, WorkerBuildEvents } from '../../setup/worker.mjs';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';

/** Where a worker's binary comes from; another in tests. */
export interface WorkerSource {
  /** Its path, or null if there is none yet. Throws when what the operator named cannot be used. */
  find(): string | null;
  build(events: WorkerBuildEvents): WorkerBuild;
}

export const SETUP_WORKER_SOURCE: WorkerSource = { find: () => findWorker(), build: startWorkerBuild };

export type BinaryState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'building'; readonly build: WorkerBuild; readonly done: number; readonly total: number }
  | { readonly phase: 'ready'; readonly path: string }
  | { readonly phase: 'impossible'; readonly reason: string }
  | { readonly phase: 'stopped' };

/** Of a build's steps, one line in the log per so many percent. */
const PROGRESS_STEP_PERCENT = 10;

/**
 * Finds the mediasoup worker's binary, or has it built in the background while the server already runs.
 * `onReady` is called once, at once if it is there; never if it cannot be had.
 */
export class WorkerBinary {
  #state: BinaryState = { phase: 'idle' };
  #toldPercent = 0;
  readonly #source: WorkerSource;
  readonly #log: Log;
  readonly #onReady: (path: string) => void;

  constructor(source: WorkerSource, log: Log, onReady: (path: string) => void) {
    this.#source = source;
    this.#log = log;
    this.#onReady = onReady;
  }

  get state(): BinaryState {
    return this.#state;
  }

  start(): void {
    try {
      const path = this.#source.find();
      if (path === null) this.#startBuild();
      else this.#ready(path);
    } catch (error) {
      this.#impossible(errorText(error));
    }
  }

  stop(): void {
    if (this.#state.phase === 'building') this.#state.build.stop();
    this.#state = { phase: 'stopped' };
  }

  #startBuild(): void {
    this.#log.info(
      'no mediasoup worker yet: it is made in the background, seeds get their stripes over HTTP',
    );
    const build = this.#source.build({
      onProgress: (done, total) => {
        this.#progressed(done, total);
      },
      onLine: (line) => {
        this.#log.info(line);
      },
    });
    this.#state = { phase: 'building', build, done: 0, total: 0 };
    void this.#awaitBuild(build);
  }

  async #awaitBuild(build: WorkerBuild): Promise<void> {
    const result = await build.finished;
    if (this.#state.phase !== 'building') return;
    if (result.kind === 'ready') this.#ready(result.path);
    else this.#impossible(result.reason);
  }

  #progressed(done: number, total: number): void {
    if (this.#state.phase !== 'building') return;
    this.#state = { ...this.#state, done, total };
    const percent = total === 0 ? 0 : Math.floor((100 * done) / total);
    if (percent < this.#toldPercent + PROGRESS_STEP_PERCENT) return;
    this.#toldPercent = percent;
    this.#log.info({ done, total }, 'building the mediasoup worker');
  }

  #ready(path: string): void {
    this.#state = { phase: 'ready', path };
    this.#onReady(path);
  }

  #impossible(reason: string): void {
    this.#state = { phase: 'impossible', reason };
    this.#log.warn({ reason }, 'no mediasoup worker can be had: seeds get their stripes over HTTP');
  }
}

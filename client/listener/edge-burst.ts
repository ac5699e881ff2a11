import type { EdgeDirectory } from './edge-directory.ts';
import type { EdgeRequests } from './edge-requests.ts';
import type { CancelTimer, Clock } from './environment.ts';

export interface EdgeBurstOptions {
  readonly requests: EdgeRequests;
  readonly directory: EdgeDirectory;
  readonly clock: Clock;
  readonly path: string;
  /** Throws an EdgeFailure for what is no chunk of ours. */
  readonly onFrame: (frame: Uint8Array, edge: string) => void;
  readonly onBytes: (length: number) => void;
  readonly onDone: (ok: boolean, reason: string) => void;
}

/** The next edge is asked as well when one has sent nothing of the burst by then: it stands between click and sound. */
export const BURST_HEDGE_MS = 400;
/** A burst that has begun and then stands still for so long is asked of the next edge, if there is one. */
export const BURST_STALL_MS = 1_500;
/** … and is given up after so long. */
export const BURST_TIMEOUT_MS = 8_000;

/** Edges asked at the same time: where the network itself is slow, more would only make it slower. */
export const LINES_MAX = 3;
const LIMITS = { answerMs: BURST_TIMEOUT_MS, silenceMs: BURST_TIMEOUT_MS };

interface Line {
  readonly edge: string;
  readonly controller: AbortController;
}

/**
 * One burst, from the first edge that sends it: each edge is asked once, the next one as soon as one fails or is slow.
 * After a failure in the middle the next edge sends all of it again; what is there already is dropped by whoever takes it.
 */
export class EdgeBurst {
  readonly #options: EdgeBurstOptions;
  readonly #lines = new Set<Line>();
  readonly #tried = new Set<string>();
  #winner: Line | null = null;
  #wasEmpty = false;
  #cancelTimer: CancelTimer = () => undefined;
  #isOver = false;

  constructor(options: EdgeBurstOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#dial()) this.#finish(false, 'no edge is known');
  }

  /** `onDone` is not called any more. */
  close(): void {
    this.#isOver = true;
    this.#cancelTimer();
    for (const { controller } of this.#lines) controller.abort();
  }

  /** What comes from this edge is worth nothing. */
  leave(edge: string): void {
    if (this.#winner?.edge !== edge) return;
    this.#drop(this.#winner);
    this.#goOn('left its edge');
  }

  /** False: every edge has been asked. */
  #dial(): boolean {
    const edge = this.#untried();
    if (edge === undefined) return false;
    this.#tried.add(edge);
    const line: Line = { edge, controller: new AbortController() };
    this.#lines.add(line);
    this.#arm(BURST_HEDGE_MS);
    void this.#run(line);
    return true;
  }

  async #run(line: Line): Promise<void> {
    const { requests, path, onBytes, onFrame } = this.#options;
    let hasSent = false;
    let failure = '';
    try {
      await requests.frames(line.edge, path, LIMITS, line.controller, {
        onBytes,
        onFrame: (frame) => {
          if (!this.#lines.has(line)) return;
          hasSent = true;
          this.#take(line);
          onFrame(frame, line.edge);
        },
      });
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    if (!this.#lines.delete(line) || this.#isOver) return;
    if (this.#winner === line) this.#winner = null;
    if (failure === '' && hasSent) this.#finish(true, '');
    else {
      this.#wasEmpty ||= failure === '';
      this.#goOn(failure);
    }
  }

  /** The first that sends anything is the one; it must go on. */
  #take(line: Line): void {
    this.#winner = line;
    for (const other of this.#lines) if (other !== line) this.#drop(other);
    this.#arm(BURST_STALL_MS);
  }

  #goOn(reason: string): void {
    if (this.#dial() || this.#lines.size > 0) return;
    this.#finish(this.#wasEmpty, reason);
  }

  #late(): void {
    if (this.#untried() === undefined || this.#lines.size >= LINES_MAX) return;
    if (this.#winner !== null) {
      this.#options.directory.failed(this.#winner.edge);
      this.#drop(this.#winner);
    }
    this.#dial();
  }

  #drop(line: Line): void {
    this.#lines.delete(line);
    if (this.#winner === line) this.#winner = null;
    line.controller.abort();
  }

  #untried(): string | undefined {
    return this.#options.directory.order().find((edge) => !this.#tried.has(edge));
  }

  #arm(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#late();
    });
  }

  #finish(ok: boolean, reason: string): void {
    if (this.#isOver) return;
    this.close();
    this.#options.onDone(ok, reason);
  }
}

import type { CancelTimer, Clock, IceCandidate } from './environment.ts';
import { CANDIDATES_MAX } from './peer-signals.ts';

/** Candidates come in bunches: sent together they are one message for the tracker instead of five. */
const BATCH_MS = 20;

/** Collects one link's candidates for a moment. */
export class CandidateBatch {
  readonly #clock: Clock;
  readonly #send: (candidates: readonly IceCandidate[]) => void;
  #candidates: IceCandidate[] = [];
  #cancelTimer: CancelTimer | null = null;

  constructor(clock: Clock, send: (candidates: readonly IceCandidate[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  add(candidate: IceCandidate): void {
    this.#candidates.push(candidate);
    if (this.#candidates.length >= CANDIDATES_MAX) this.#flush();
    else {
      this.#cancelTimer ??= this.#clock.after(BATCH_MS, () => {
        this.#flush();
      });
    }
  }

  cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#candidates = [];
  }

  #flush(): void {
    const candidates = this.#candidates;
    this.cancel();
    this.#send(candidates);
  }
}

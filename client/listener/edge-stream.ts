import type { ChunkHeader } from '../../shared/chunk/chunk.ts';
import { sequence as toSequence, STRIPE_COUNT } from '../../shared/units.ts';
import type { Epoch, Millis, RandomSource, Stripe } from '../../shared/units.ts';
import type { EdgeDirectory } from './edge-directory.ts';
import type { EdgeRequests } from './edge-requests.ts';
import type { EdgeWitness } from './edge-witness.ts';
import type { CancelTimer, Clock } from './environment.ts';
import { StreamWatch } from './stream-watch.ts';

export interface EdgeStreamOptions {
  readonly requests: EdgeRequests;
  readonly directory: EdgeDirectory;
  readonly witness: EdgeWitness;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly stripes: readonly Stripe[];
  readonly path: string;
  /** Throws an EdgeFailure for what is no chunk of ours. */
  readonly onFrame: (frame: Uint8Array, edge: string) => ChunkHeader;
  readonly onBytes: (length: number) => void;
  /** Once: no edge goes on with it. */
  readonly onClosed: (reason: string) => void;
}

/** An edge that has not accepted by then is overtaken by the next. */
export const ACCEPT_MS = 700;
/** A stream's chunks come one after the other; so much later than the next is due, another edge is asked as well. */
export const STREAM_PATIENCE_MS = 1_000;
/** A live stream, even of one stripe, says something every second: nothing new for so long and it is closed. */
export const STREAM_SILENCE_MAX_MS = 6_000;
/** After so long at one edge all others may be tried again. */
const STEADY_MS = 10_000;
/** Chunks that are asked for again from the next edge when what an edge sent is not to be trusted: 2 s. */
const REWIND_CHUNKS = 8;
/** The next edge is asked to go on where the last one ended, if that was not longer ago: older is of no use to an ear. */
const RESUME_MAX_MS = 12_000;
/** When an edge is no longer offered, its listeners move over within so long, not all at once. */
export const MOVE_SPREAD_MS = 8_000;

const LIMITS = { answerMs: STREAM_SILENCE_MAX_MS, silenceMs: 'any' } as const;

interface Line {
  readonly edge: string;
  readonly controller: AbortController;
  readonly watch: StreamWatch;
  readonly openedAt: Millis;
  hasAccepted: boolean;
  /** It had accepted, and was then given time to send something. */
  wasGivenTime: boolean;
}

/** Where the stream goes on at another edge. */
export interface StreamPosition {
  readonly epoch: Epoch;
  readonly next: number;
  readonly at: Millis;
}

/**
 * One live stream, kept up over all edges: when its edge fails, falls silent, misbehaves or is no longer offered, the
 * next one goes on from the chunk after the last. A silent edge is kept until another has shown that there is something
 * to be sent: a source may be silent as well.
 */
export class EdgeStream {
  readonly #options: EdgeStreamOptions;
  readonly #tried = new Set<string>();
  #line: Line | null = null;
  /** Asked as well, to take the line's place if it sends. */
  #challenger: Line | null = null;
  /** The challenger takes the line's place whatever the line does. */
  #isMoving = false;
  #position: StreamPosition | null;
  #patienceMs: number;
  #cancelTimer: CancelTimer = () => undefined;
  #cancelSilence: CancelTimer = () => undefined;
  #cancelMove: CancelTimer | null = null;
  #isOver = false;

  /** @param position where another stream of the same stripes ended */
  constructor(options: EdgeStreamOptions, position: StreamPosition | null) {
    this.#options = options;
    this.#position = position;
    this.#patienceMs = this.#firstPatienceMs;
  }

  get edge(): string | null {
    return this.#line?.edge ?? null;
  }

  get position(): StreamPosition | null {
    return this.#position;
  }

  start(): void {
    this.#armSilence();
    this.#goOn('no edge is known');
  }

  /** `onClosed` is not called any more. */
  close(): void {
    this.#isOver = true;
    this.#cancelTimer();
    this.#cancelSilence();
    this.#cancelMove?.();
    this.#line?.controller.abort();
    this.#challenger?.controller.abort();
    this.#line = this.#challenger = null;
  }

  /** Edges have been named anew, or one was left: the stream moves if its edge is among those to go from. */
  reconsider(): void {
    const { directory, clock, random } = this.#options;
    if (this.#challenger !== null && !directory.isTrusted(this.#challenger.edge)) this.#dropChallenger();
    if (this.#line === null) return;
    const { edge } = this.#line;
    if (!directory.isTrusted(edge) && directory.order().some((other) => other !== edge)) {
      this.#rewind();
      this.#dropLine();
      this.#goOn('left its edge');
    } else if (!directory.isNamed(edge)) {
      this.#cancelMove ??= clock.after(random() * MOVE_SPREAD_MS, () => {
        this.#cancelMove = null;
        this.#move();
      });
    }
  }

  #move(): void {
    const { directory } = this.#options;
    if (this.#line === null || directory.isNamed(this.#line.edge) || this.#challenger !== null) return;
    this.#challenger = this.#dial((edge) => directory.isNamed(edge));
    this.#isMoving = this.#challenger !== null;
  }

  /** The challenger, or else the next edge, is the line. */
  #goOn(reason: string): void {
    if (this.#challenger !== null) this.#arm(ACCEPT_MS);
    this.#line = this.#challenger ?? this.#dial(() => true);
    this.#challenger = null;
    this.#isMoving = false;
    if (this.#line !== null) return;
    this.close();
    this.#options.onClosed(reason);
  }

  #dial(mayBe: (edge: string) => boolean): Line | null {
    const { directory, clock, stripes } = this.#options;
    const edge = directory
      .order()
      .find((each) => !this.#tried.has(each) && each !== this.#line?.edge && mayBe(each));
    if (edge === undefined) return null;
    this.#tried.add(edge);
    const line: Line = {
      edge,
      controller: new AbortController(),
      watch: new StreamWatch(edge, stripes, this.#options.witness),
      openedAt: clock.now(),
      hasAccepted: false,
      wasGivenTime: false,
    };
    this.#arm(ACCEPT_MS);
    void this.#run(line);
    return line;
  }

  async #run(line: Line): Promise<void> {
    const { requests, path, directory, onBytes } = this.#options;
    let reason = 'ended';
    try {
      await requests.frames(line.edge, path + this.#from(), LIMITS, line.controller, {
        onAnswer: () => {
          line.hasAccepted = true;
        },
        onBytes,
        onFrame: (frame) => {
          if (line === this.#line || line === this.#challenger) this.#received(line, frame);
        },
      });
      if (!line.controller.signal.aborted) directory.failed(line.edge);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    this.#ended(line, reason);
  }

  #from(): string {
    const position = this.#position;
    if (position === null || this.#options.clock.now() - position.at > RESUME_MAX_MS) return '';
    return `&from=${position.epoch}.${position.next}`;
  }

  #received(line: Line, frame: Uint8Array): void {
    const { clock, directory, onFrame } = this.#options;
    const header = onFrame(frame, line.edge);
    if (this.#isOver) return;
    const now = clock.now();
    const misdeed = line.watch.note(header, now);
    if (misdeed !== null) {
      // The directory has us reconsider.
      directory.leave(line.edge, misdeed);
      return;
    }
    const { epoch, sequence } = header;
    const before = this.#position;
    const isOld =
      before !== null && (epoch < before.epoch || (epoch === before.epoch && sequence < before.next));
    // The one that we move to sends what the other has just sent as well: then nothing is missed between them.
    if (isOld && (line !== this.#challenger || !this.#isMoving)) return;
    if (!isOld) this.#position = { epoch, next: sequence + 1, at: now };
    this.#advanced(line, now);
  }

  /** Something new has come from it: it is the line, and there is no need of another. */
  #advanced(line: Line, now: Millis): void {
    if (line === this.#challenger) {
      if (!this.#isMoving && this.#line !== null) this.#options.directory.failed(this.#line.edge);
      this.#dropLine();
      this.#line = line;
      this.#challenger = null;
      this.#isMoving = false;
    } else if (!this.#isMoving) this.#dropChallenger();
    line.wasGivenTime = true;
    this.#armSilence();
    if (now - line.openedAt > STEADY_MS) this.#tried.clear();
    this.#patienceMs = this.#firstPatienceMs;
    if (this.#challenger === null) this.#arm(this.#patienceMs);
  }

  #ended(line: Line, reason: string): void {
    if (this.#isOver) return;
    if (line === this.#challenger) {
      this.#challenger = null;
      if (this.#isMoving) this.#isMoving = false;
      else this.#challenge();
    } else if (line === this.#line) {
      this.#line = null;
      this.#goOn(reason);
    }
  }

  #impatient(): void {
    const awaited = this.#challenger ?? this.#line;
    if (awaited?.hasAccepted === true && !awaited.wasGivenTime) {
      awaited.wasGivenTime = true;
      this.#arm(this.#firstPatienceMs);
      return;
    }
    this.#dropChallenger();
    this.#challenge();
  }

  #challenge(): void {
    this.#challenger = this.#dial(() => true);
    if (this.#challenger !== null) return;
    this.#patienceMs = 2 * this.#patienceMs;
    this.#tried.clear();
    this.#arm(this.#patienceMs);
  }

  /** Nobody sends anything: as a rule the source is silent. Whoever opened the stream asks again in its own time. */
  #silent(): void {
    const { directory, witness, onClosed } = this.#options;
    const [line, position] = [this.#line, this.#position];
    if (line !== null && position !== null) {
      const { epoch, next } = position;
      if (witness.hasNewerThan(line.edge, epoch, toSequence(next))) directory.failed(line.edge);
    }
    this.close();
    onClosed('timed out');
  }

  #rewind(): void {
    if (this.#position === null) return;
    this.#position = { ...this.#position, next: Math.max(0, this.#position.next - REWIND_CHUNKS) };
  }

  #dropLine(): void {
    this.#line?.controller.abort();
    this.#line = null;
  }

  #dropChallenger(): void {
    this.#challenger?.controller.abort();
    this.#challenger = null;
    this.#isMoving = false;
  }

  /** Until the next chunk of these stripes is due, and then some. */
  get #firstPatienceMs(): number {
    const dueMs = (250 * STRIPE_COUNT) / Math.max(1, this.#options.stripes.length);
    return dueMs + STREAM_PATIENCE_MS;
  }

  #armSilence(): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#options.clock.after(STREAM_SILENCE_MAX_MS, () => {
      this.#silent();
    });
  }

  #arm(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#impatient();
    });
  }
}

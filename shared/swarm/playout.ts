import type { Chunk } from '../chunk/chunk.ts';
import { decodeMetadata } from '../chunk/metadata-codec.ts';
import { millis, sequence } from '../units.ts';
import type { Epoch, Micros, Millis, Sequence } from '../units.ts';
import { emit, isBeingVerified } from './core.ts';
import type { Core } from './core.ts';
import {
  BEHIND_MAX_MS,
  CHUNKS_HELD_MAX,
  DRIFT_SHARE_MAX,
  HANDED_MAX,
  JUMP_EXCESS_MS,
  SKIP_LEAD_MS,
  START_BUFFER_MS,
} from './limits.ts';
import { PlayClock } from './play-clock.ts';

/** The first chunk not handed over yet: the same object goes on to the next ones. */
export interface Cursor {
  epoch: Epoch;
  sequence: Sequence;
}

/**
 * Play-out: null until there is enough sound, then a cursor. A chunk is handed over as soon as all before it were; it
 * is *due* when the ear reaches it.
 */
export class Playout {
  cursor: Cursor | null = null;
  /** Handed over, not due yet: at most HANDED_MAX. */
  #handed: Chunk[] = [];
  #skipped = 0;
  /** Nothing that was handed over is due before this; 0 when the clock has moved since it was worked out. */
  #nextDueAt = 0;
  /** A real sink has told where it is: it, not the drift rule, decides when chunks are due. */
  #followsSink = false;
  readonly #clock = new PlayClock();

  /** Chunks handed over and not due yet. */
  get handedCount(): number {
    return this.#handed.length;
  }

  /** When a chunk of the cursor's epoch is due; null while waiting or for another epoch. */
  dueAt(core: Core, epoch: Epoch, number: Sequence): Millis | null {
    if (this.cursor?.epoch !== epoch) return null;
    const start = core.timeline.mediaStartMs(epoch, number);
    return start === null ? null : this.#clock.heardAt(epoch, start);
  }

  /** When `advance` has something to do without any input; infinite while waiting. */
  deadline(core: Core): number {
    // What is due by itself is told with the next input: nobody needs to be woken for it.
    const hopelessAt =
      this.cursor !== null && canSkip(core, this.cursor) ? this.#hopelessAt(core, this.cursor) : null;
    return hopelessAt ?? Number.POSITIVE_INFINITY;
  }

  /** Time handed over and ahead of the ear, ms. */
  bufferMs(now: Millis): number {
    const last = this.#handed.at(-1);
    const due = last === undefined ? null : this.#heardAt(last);
    return last === undefined || due === null ? 0 : Math.max(0, due + last.header.duration / 1000 - now);
  }

  /** The sink tells what is heard now. */
  followSink(now: Millis, epoch: Epoch, mediaTime: Micros): void {
    this.#followsSink = true;
    this.#clock.align(now, epoch, mediaTime);
    this.#nextDueAt = 0;
  }

  /** Hands over what can be, tells what is due, gives up what cannot come in time. `burstPending`: more is coming. */
  advance(core: Core, now: Millis, burstPending: boolean): void {
    if (this.cursor === null) this.#start(core, now, burstPending);
    this.#handOver(core, now);
    this.#tellDue(core, now);
    while (this.#skipHopeless(core, now)) this.#handOver(core, now);
  }

  /** Further behind than is worth playing (a long sleep): begin again at the live edge. True if so. */
  restartIfFarBehind(core: Core, now: Millis): boolean {
    if (this.cursor === null) return false;
    const { epoch, sequence: next } = this.cursor;
    const due = this.dueAt(core, epoch, next);
    const newestEpoch = core.store.newestEpoch();
    const leftBehind =
      (core.store.oldest(epoch) ?? 0) > next + CHUNKS_HELD_MAX / 2 ||
      (newestEpoch !== null && core.store.newest(epoch) === null);
    const overslept = due !== null && now - due > BEHIND_MAX_MS && canSkip(core, this.cursor);
    if (!leftBehind && !overslept) return false;
    this.cursor = null;
    this.#handed = [];
    this.#skipped += 1;
    return true;
  }

  #start(core: Core, now: Millis, burstPending: boolean): void {
    const first = startingChunk(core, now);
    if (first === null) return;
    const { epoch, sequence: next, mediaTime } = first.header;
    const readyMs = contiguousMs(core, epoch, next);
    if (readyMs < START_BUFFER_MS && (burstPending || readyMs < START_BUFFER_MS / 2)) return;
    // Signatures are checked side by side: an older chunk of the same burst may be here in a moment.
    if (next > 0 && isBeingVerified(core, epoch, sequence(next - 1))) return;
    this.cursor = { epoch, sequence: next };
    this.#clock.begin(now, epoch, mediaTime);
  }

  #handOver(core: Core, now: Millis): void {
    while (this.cursor !== null) {
      const chunk = core.store.get(this.cursor.epoch, this.cursor.sequence);
      if (chunk === undefined) {
        if (!this.#cross(core, now, this.cursor)) return;
        continue;
      }
      this.cursor.sequence = sequence(this.cursor.sequence + 1);
      this.#handOverOne(core, now, chunk);
    }
  }

  #handOverOne(core: Core, now: Millis, chunk: Chunk): void {
    const due = this.#heardAt(chunk) ?? now;
    const isPast = due < now - ROUNDING_MS;
    // It was waited for, as nothing later was to be had: the ear's time has moved on meanwhile.
    if (due < now && !this.#followsSink) this.#clock.shift(now - due);
    this.#nextDueAt = 0;
    emit(core, { type: 'play', chunk, skipped: this.#skipped, dueAt: millis(Math.max(due, now)) });
    this.#skipped = 0;
    if (!isPast || isWithinDelay(core, now, chunk)) {
      this.#handed.push(chunk);
      if (this.#handed.length > HANDED_MAX) this.#handed.shift();
    } else tell(core, chunk.header.epoch, chunk.header.sequence, due, chunk.header.packagedAt, false);
  }

  /** Goes on to the next epoch when this one has been played to its end. */
  #cross(core: Core, now: Millis, cursor: Cursor): boolean {
    const following = core.store.epochAfter(cursor.epoch);
    if (following === null) return false;
    const opening = core.store.get(following, sequence(0));
    const after = opening === undefined ? undefined : decodeMetadata(opening)?.after;
    const ended = after !== undefined && after.epoch === cursor.epoch && cursor.sequence > after.sequence;
    const endsAt = this.dueAt(core, cursor.epoch, cursor.sequence) ?? now;
    const ranDry = now >= endsAt - SKIP_LEAD_MS && !holdsLater(core, cursor);
    const first = opening ?? oldestChunk(core, following);
    if (first === undefined || (!ended && !ranDry)) return false;
    this.#clock.append(soundsAgainAt(core, now, endsAt, first), following, first.header.mediaTime);
    this.cursor = { epoch: following, sequence: first.header.sequence };
    return true;
  }

  #skipHopeless(core: Core, now: Millis): boolean {
    if (this.cursor === null || !canSkip(core, this.cursor)) return false;
    const hopelessAt = this.#hopelessAt(core, this.cursor);
    if (hopelessAt === null || now < hopelessAt) return false;
    tell(core, this.cursor.epoch, this.cursor.sequence, now, null, false);
    core.counters.chunksSkipped += 1;
    this.#skipped += 1;
    this.cursor.sequence = sequence(this.cursor.sequence + 1);
    return true;
  }

  #hopelessAt(core: Core, cursor: Cursor): Millis | null {
    const due = this.dueAt(core, cursor.epoch, cursor.sequence);
    return due === null ? null : millis(due - SKIP_LEAD_MS);
  }

  #tellDue(core: Core, now: Millis): void {
    while (now >= this.#nextDueAt) {
      const first = this.#handed[0];
      const due = first === undefined ? millis(Number.POSITIVE_INFINITY) : (this.#heardAt(first) ?? now);
      if (first === undefined || due > now) {
        this.#nextDueAt = due;
        return;
      }
      this.#handed.shift();
      const { epoch, sequence: number, packagedAt } = first.header;
      tell(core, epoch, number, due, packagedAt, true);
      if (!this.#followsSink) this.#drift(core, now, first, due);
    }
  }

  /** Without a sink, play-out keeps the wished distance by itself: inaudibly slowly, or by a jump when far behind. */
  #drift(core: Core, now: Millis, heard: Chunk, heardAt: Millis): void {
    const packaged = core.timeline.expectedAt(heard.header.epoch, heard.header.sequence);
    if (packaged === null) return;
    const errorMs = packaged + core.options.playoutDelayMs - heardAt;
    const stepMs = (heard.header.duration / 1000) * DRIFT_SHARE_MAX;
    if (errorMs < -JUMP_EXCESS_MS) this.#jump(now, errorMs);
    else this.#clock.shift(Math.max(-stepMs, Math.min(stepMs, errorMs)));
  }

  #jump(now: Millis, byMs: number): void {
    this.#clock.shift(byMs);
    this.#handed = this.#handed.filter((chunk) => (this.#heardAt(chunk) ?? now) >= now);
  }

  #heardAt(chunk: Chunk): Millis | null {
    return this.#clock.heardAt(chunk.header.epoch, chunk.header.mediaTime / 1000);
  }
}

/** What is due at this very moment may come out a little earlier. */
const ROUNDING_MS = 0.001;

/** At once where sound is still to come; after a silence, with a little in hand so that it does not stop again. */
function soundsAgainAt(core: Core, now: Millis, endsAt: number, first: Chunk): Millis {
  if (endsAt >= now) return millis(endsAt);
  const packaged = core.timeline.localTime(first.header.packagedAt) ?? now;
  const wished = Math.min(packaged + core.options.playoutDelayMs, now + START_BUFFER_MS);
  return millis(Math.max(now, wished));
}

/** The oldest chunk, with no hole after it, that is not further behind than we wish to play; else the newest. */
function startingChunk(core: Core, now: Millis): Chunk | null {
  const epoch = core.store.newestEpoch();
  const newest = epoch === null ? null : core.store.newest(epoch);
  if (epoch === null || newest === null) return null;
  let first = core.store.get(epoch, newest) ?? null;
  for (let number = newest - 1; number >= 0; number -= 1) {
    const chunk = core.store.get(epoch, sequence(number));
    const packaged = core.timeline.expectedAt(epoch, sequence(number));
    if (
      chunk === undefined ||
      packaged === null ||
      now - packaged > core.options.playoutDelayMs + START_SLACK_MS
    )
      break;
    first = chunk;
  }
  return first;
}

/** A burst's oldest chunk is a little older than the delay by the time it is here. */
const START_SLACK_MS = 300;

function contiguousMs(core: Core, epoch: Epoch, from: Sequence): number {
  let total = 0;
  for (let number: number = from; ; number += 1) {
    const chunk = core.store.get(epoch, sequence(number));
    if (chunk === undefined) return total;
    total += chunk.header.duration / 1000;
  }
}

function oldestChunk(core: Core, epoch: Epoch): Chunk | undefined {
  const oldest = core.store.oldest(epoch);
  return oldest === null ? undefined : core.store.get(epoch, oldest);
}

/** Within the play-out delay of its packaging a chunk is in time, even if the source made us wait for it. */
function isWithinDelay(core: Core, now: Millis, chunk: Chunk): boolean {
  const packaged = core.timeline.localTime(chunk.header.packagedAt);
  return packaged !== null && now <= packaged + core.options.playoutDelayMs;
}

const holdsLater = (core: Core, cursor: Cursor): boolean =>
  (core.store.newest(cursor.epoch) ?? -1) > cursor.sequence;

const canSkip = (core: Core, cursor: Cursor): boolean =>
  !core.store.has(cursor.epoch, cursor.sequence) && holdsLater(core, cursor);

function tell(
  core: Core,
  epoch: Epoch,
  number: Sequence,
  dueAt: Millis,
  packagedAt: number | null,
  inTime: boolean,
): void {
  core.counters.chunksDue += 1;
  if (inTime) core.counters.chunksInTime += 1;
  emit(core, { type: 'due', epoch, sequence: number, inTime, dueAt, packagedAt });
}

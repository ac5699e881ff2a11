import { millis } from '../../shared/units.ts';
import type { Millis } from '../../shared/units.ts';

/**
 * Decides, a few times a second, how fast the element plays and whether it jumps, so that play-out keeps a steady
 * distance from the live edge. Pure: time and measurements come in, a new state and a command go out.
 *
 * The distance is corrected by rate, never by more than 3 %, with the pitch preserved: 3 % without it is half a
 * semitone, which music betrays, while the stretching is not heard at such rates. Inside the dead band the rate is
 * exactly 1, where browsers pass the sound through untouched.
 */
export type PlayoutState =
  | { readonly phase: 'idle' }
  /** Waiting for the first sound. */
  | { readonly phase: 'starting'; readonly last: Sample }
  | {
      readonly phase: 'playing';
      readonly last: Sample;
      /** When the position last moved. */
      readonly movedAt: Millis;
      readonly behindSmoothMs: number | null;
      readonly rate: number;
    }
  /** The element should move and does not. */
  | {
      readonly phase: 'stalled';
      readonly last: Sample;
      /** Since when there has been sound that it does not play, or its last nudge; null while there is none. */
      readonly idleSince: Millis | null;
    }
  /** The whole machine slept: what we know is old. */
  | { readonly phase: 'suspended'; readonly last: Sample }
  | { readonly phase: 'ended' };

export type PlayoutPhase = PlayoutState['phase'];

/** Instant and element position (seconds) of an observation. */
export interface Sample {
  readonly now: Millis;
  readonly position: number;
}

export interface PlayoutObservation extends Sample {
  /** Distance from the live edge; null while it is not known. */
  readonly behindLiveMs: number | null;
  /** Sound buffered after the position. */
  readonly aheadMs: number;
  /** Distance to the next buffered sound when the position is in none; null otherwise. */
  readonly gapMs: number | null;
}

export type PlayoutInput =
  | { readonly type: 'start'; readonly now: Millis; readonly position: number }
  | { readonly type: 'observe'; readonly observation: PlayoutObservation }
  | { readonly type: 'stop' };

export interface PlayoutStep {
  readonly state: PlayoutState;
  readonly rate: number;
  /** Seconds to move the element's position by, or null. */
  readonly jumpBy: number | null;
}

export const RATE_DEVIATION_MAX = 0.03;
/** A rate is a multiple of this: each change costs the browser a little, and so is seldom made. */
export const RATE_STEP = 0.005;
/** Correction begins beyond the first and ends within the second. */
export const DEAD_BAND_MS = 200;
export const SETTLED_BAND_MS = 40;
/** Further behind than this beyond the wanted distance, catching up would take minutes: jump. */
export const SKIP_BEYOND_MS = 3000;
/** No movement for this long is a stall. */
export const STALL_AFTER_MS = 600;
/** Observations further apart than this mean that the machine slept. */
export const SLEEP_GAP_MS = 5000;
/** A stalled element that has had sound ahead for so long is nudged, and again. */
export const NUDGE_EVERY_MS = 1500;
/** Never play faster with less than this ahead, and leave this much ahead of a jump. */
export const AHEAD_MIN_MS = 700;

export const PLAYOUT_IDLE: PlayoutState = { phase: 'idle' };

export function stepPlayout(state: PlayoutState, input: PlayoutInput, targetMs: number): PlayoutStep {
  if (input.type === 'stop') return steady({ phase: 'ended' });
  if (input.type === 'start')
    return steady({ phase: 'starting', last: { now: input.now, position: input.position } });
  if (state.phase === 'idle' || state.phase === 'ended') return steady(state);
  return observe(state, input.observation, targetMs);
}

function observe(state: Sounding, seen: PlayoutObservation, targetMs: number): PlayoutStep {
  const jump = jumpToLive(seen, targetMs);
  const landed: Sample = { now: seen.now, position: seen.position + (jump ?? 0) };
  if (state.phase !== 'starting' && seen.now - state.last.now > SLEEP_GAP_MS)
    return { state: { phase: 'suspended', last: landed }, rate: 1, jumpBy: jump };
  const moved = seen.position > state.last.position;
  if (jump !== null) {
    const next: PlayoutState = moved ? playing(landed) : { ...state, last: landed };
    return { state: forgetDistance(next), rate: 1, jumpBy: jump };
  }
  if (moved) return state.phase === 'playing' ? follow(state, seen, targetMs) : steady(playing(seen));
  return stillThere(state, seen);
}

/** The position has not moved. */
function stillThere(state: Sounding, seen: PlayoutObservation): PlayoutStep {
  if (state.phase === 'playing') return waitForMovement(state, seen);
  if (state.phase === 'starting') return leaveGap(state, seen);
  if (state.phase === 'stalled') return nudge(state, seen);
  return nudge({ phase: 'stalled', last: state.last, idleSince: null }, seen);
}

/** The skip after a long suspension or stall: to the wanted distance, as far as sound is there to land on. */
function jumpToLive(seen: PlayoutObservation, targetMs: number): number | null {
  if (seen.behindLiveMs === null || seen.behindLiveMs <= targetMs + SKIP_BEYOND_MS) return null;
  const jumpMs = Math.min(seen.behindLiveMs - targetMs, seen.aheadMs - AHEAD_MIN_MS);
  // A jump that does not reach the live edge is heard and has to be made again: the missing sound has to come first.
  return seen.behindLiveMs - jumpMs > targetMs + SKIP_BEYOND_MS / 2 ? null : jumpMs / 1000;
}

type Sounding = Exclude<PlayoutState, { phase: 'idle' | 'ended' }>;
type Playing = Extract<PlayoutState, { phase: 'playing' }>;
type Stalled = Extract<PlayoutState, { phase: 'stalled' }>;
type Starting = Extract<PlayoutState, { phase: 'starting' }>;

function follow(state: Playing, seen: PlayoutObservation, targetMs: number): PlayoutStep {
  const behindSmoothMs = smooth(state.behindSmoothMs, seen.behindLiveMs, seen.now - state.last.now);
  const rate = chooseRate(state.rate, behindSmoothMs, seen.aheadMs, targetMs);
  return {
    state: { phase: 'playing', last: sampleOf(seen), movedAt: seen.now, behindSmoothMs, rate },
    rate,
    jumpBy: null,
  };
}

function waitForMovement(state: Playing, seen: PlayoutObservation): PlayoutStep {
  if (seen.now - state.movedAt >= STALL_AFTER_MS)
    return nudge({ phase: 'stalled', last: state.last, idleSince: null }, seen);
  return { state: { ...state, last: sampleOf(seen) }, rate: state.rate, jumpBy: null };
}

/**
 * An element that has sound ahead and does not move is told to go on from where the sound is: not at once, as it goes
 * on by itself when sound comes, and a jump may follow with the rest of it.
 */
function nudge(state: Stalled, seen: PlayoutObservation): PlayoutStep {
  if (seen.gapMs !== null) return leaveGap(state, seen);
  const idleSince = seen.aheadMs < AHEAD_MIN_MS ? null : (state.idleSince ?? seen.now);
  if (idleSince === null || seen.now - idleSince < NUDGE_EVERY_MS)
    return steady({ ...state, last: sampleOf(seen), idleSince });
  const position = seen.position + NUDGE_S;
  return {
    state: { ...state, last: { now: seen.now, position }, idleSince: seen.now },
    rate: 1,
    jumpBy: NUDGE_S,
  };
}

function leaveGap(state: Starting | Stalled, seen: PlayoutObservation): PlayoutStep {
  if (seen.gapMs === null) return steady({ ...state, last: sampleOf(seen) });
  const jumpBy = seen.gapMs / 1000 + NUDGE_S;
  return {
    state: { ...state, last: { now: seen.now, position: seen.position + jumpBy } },
    rate: 1,
    jumpBy,
  };
}

const NUDGE_S = 0.01;
/** Time constant of the distance's smoothing: a late chunk must not sway the rate. */
const SMOOTHING_MS = 2000;
/** Rate deviation per millisecond of error: the full 3 % at 600 ms. */
const GAIN_PER_MS = RATE_DEVIATION_MAX / 600;

function smooth(previousMs: number | null, seenMs: number | null, elapsedMs: number): number | null {
  if (seenMs === null) return previousMs;
  if (previousMs === null) return seenMs;
  return previousMs + (seenMs - previousMs) * (1 - Math.exp(-elapsedMs / SMOOTHING_MS));
}

function chooseRate(rate: number, behindMs: number | null, aheadMs: number, targetMs: number): number {
  if (behindMs === null) return 1;
  const errorMs = behindMs - targetMs;
  const correcting = rate !== 1;
  if (Math.abs(errorMs) <= (correcting ? SETTLED_BAND_MS : DEAD_BAND_MS)) return 1;
  // Overshooting the wanted distance ends a correction, whatever the band.
  if (correcting && Math.sign(errorMs) !== Math.sign(rate - 1) && Math.abs(errorMs) <= DEAD_BAND_MS) return 1;
  if (errorMs > 0 && aheadMs < AHEAD_MIN_MS) return 1;
  const steps = Math.min(Math.abs(errorMs) * GAIN_PER_MS, RATE_DEVIATION_MAX) / RATE_STEP;
  return 1 + Math.sign(errorMs) * Math.max(1, Math.round(steps)) * RATE_STEP;
}

const playing = (sample: Sample): Playing => ({
  phase: 'playing',
  last: sampleOf(sample),
  movedAt: sample.now,
  behindSmoothMs: null,
  rate: 1,
});

const forgetDistance = (state: PlayoutState): PlayoutState =>
  state.phase === 'playing' ? { ...state, behindSmoothMs: null, rate: 1 } : state;

const sampleOf = (sample: Sample): Sample => ({ now: millis(sample.now), position: sample.position });
const steady = (state: PlayoutState): PlayoutStep => ({ state, rate: 1, jumpBy: null });

import type { RandomSource } from '../../../shared/units.ts';
import type { StereoLoop } from './reverb.ts';

export const SAMPLE_RATE_HZ = 44_100;

export const hertz = (pitch: number): number => 440 * 2 ** ((pitch - 69) / 12);

/** Where and how a note sounds. `start` in samples; it wraps round the loop's end. */
export interface Placement {
  readonly start: number;
  readonly seconds: number;
  readonly gain: number;
  /** -1 left … 1 right. */
  readonly pan: number;
}

/** Adds `sound(seconds since the start)` to the loop. */
function place(loop: StereoLoop, placement: Placement, sound: (time: number) => number): void {
  const { start, seconds, gain, pan } = placement;
  const angle = ((pan + 1) * Math.PI) / 4;
  const leftGain = gain * Math.cos(angle);
  const rightGain = gain * Math.sin(angle);
  const loopSamples = loop.left.length;
  const sampleCount = Math.round(seconds * SAMPLE_RATE_HZ);
  for (let index = 0; index < sampleCount; index++) {
    const at = (Math.round(start) + index + loopSamples) % loopSamples;
    const value = sound(index / SAMPLE_RATE_HZ);
    loop.left[at] = (loop.left[at] ?? 0) + value * leftGain;
    loop.right[at] = (loop.right[at] ?? 0) + value * rightGain;
  }
}

const TABLE_SAMPLES = 4096;
const waveTable = (harmonics: number, slope: number): Float64Array =>
  Float64Array.from({ length: TABLE_SAMPLES + 1 }, (_, index) => {
    let value = 0;
    for (let number = 1; number <= harmonics; number++)
      value += Math.sin((2 * Math.PI * number * index) / TABLE_SAMPLES) / number ** slope;
    return value;
  });
const DULL = waveTable(3, 2.4);
const BRIGHT = waveTable(10, 1.5);

function lookUp(table: Float64Array, turns: number): number {
  const position = (turns - Math.floor(turns)) * TABLE_SAMPLES;
  const index = Math.floor(position);
  const low = table[index] ?? 0;
  return low + ((table[index + 1] ?? 0) - low) * (position - index);
}

const smooth = (share: number): number => {
  const clipped = Math.min(1, Math.max(0, share));
  return clipped * clipped * (3 - 2 * clipped);
};

/** A soft string-like tone: slowly swelling, slightly out of tune with itself, opening and closing. */
export function pad(loop: StereoLoop, placement: Placement, pitch: number, random: RandomSource): void {
  const attack = 1.6;
  const release = 2.6;
  for (const detune of [-0.055, 0.012, 0.06]) {
    const frequency = hertz(pitch + detune);
    const phase = random();
    const drift = 0.05 + 0.06 * random();
    const pan = Math.max(-1, Math.min(1, placement.pan + detune * 9));
    const held = placement.seconds;
    place(loop, { ...placement, pan, seconds: held + release }, (time) => {
      const envelope = smooth(time / attack) * smooth((held + release - time) / release);
      const open = 0.28 + 0.2 * Math.sin(2 * Math.PI * (drift * time + phase));
      const turns = frequency * time + phase;
      return envelope * (lookUp(DULL, turns) * (1 - open) + lookUp(BRIGHT, turns) * open * 0.55);
    });
  }
}

/** An electric-piano-like pluck: frequency modulation that fades faster than the tone. */
export function pluck(loop: StereoLoop, placement: Placement, pitch: number): void {
  const frequency = hertz(pitch);
  place(loop, placement, (time) => {
    const envelope =
      Math.min(1, time / 0.004) * Math.exp(-3.1 * time) * smooth((placement.seconds - time) / 0.2);
    const index = 1.5 * Math.exp(-7 * time) + 0.12;
    const turn = 2 * Math.PI * frequency * time;
    return (
      envelope * Math.sin(turn + index * Math.sin(turn) + 0.25 * Math.exp(-18 * time) * Math.sin(7 * turn))
    );
  });
}

/** A small bell: a few partials, the high ones gone first. */
export function bell(loop: StereoLoop, placement: Placement, pitch: number): void {
  const frequency = hertz(pitch);
  place(loop, placement, (time) => {
    let value = 0;
    for (const [ratio, gain, decay] of BELL_PARTIALS)
      value += gain * Math.exp(-decay * time) * Math.sin(2 * Math.PI * frequency * ratio * time);
    return value * Math.min(1, time / 0.003) * smooth((placement.seconds - time) / 0.3);
  });
}

const BELL_PARTIALS = [
  [1, 1, 1.5],
  [1.003, 0.5, 1.4],
  [2.001, 0.32, 2.6],
  [3.01, 0.14, 4.2],
  [4.17, 0.1, 7],
  [5.43, 0.05, 11],
] as const;

/** A round bass: nearly a sine, with a breath of its octave. */
export function bass(loop: StereoLoop, placement: Placement, pitch: number): void {
  const frequency = hertz(pitch);
  place(loop, placement, (time) => {
    const envelope = smooth(time / 0.03) * Math.exp(-0.7 * time) * smooth((placement.seconds - time) / 0.25);
    const turn = 2 * Math.PI * frequency * time;
    return (
      envelope *
      (Math.sin(turn) + 0.28 * Math.exp(-2 * time) * Math.sin(2 * turn) + 0.07 * Math.sin(3 * turn))
    );
  });
}

/** A felt-covered drum: a sine that falls from 95 to 44 Hz. */
export function drum(loop: StereoLoop, placement: Placement): void {
  place(loop, placement, (time) => {
    const turns = 44 * time + (51 / 26) * (1 - Math.exp(-26 * time));
    return smooth(time / 0.004) * Math.exp(-9 * time) * Math.sin(2 * Math.PI * turns);
  });
}

/** A brush: noise between two one-pole filters, quick or slow to go. */
export function brush(loop: StereoLoop, placement: Placement, decay: number, random: RandomSource): void {
  let low = 0;
  let body = 0;
  place(loop, placement, (time) => {
    const noise = random() * 2 - 1;
    body += 0.55 * (noise - body);
    low += 0.28 * (body - low);
    return (body - low) * smooth(time / 0.006) * Math.exp(-decay * time);
  });
}

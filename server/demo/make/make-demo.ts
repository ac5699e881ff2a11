/**
 * Makes `demo.mp3`, the built-in station's sound: `node server/demo/make/make-demo.ts` (needs ffmpeg with libmp3lame).
 * The piece in `score.ts` is played by the instruments here, three times over, and the frames of the second time are
 * kept: their encoder has already heard the loop's end, so the seam is not audible.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseMpegHeader } from '../../../shared/codec/mpeg-header.ts';
import { bass, bell, brush, drum, pad, pluck, SAMPLE_RATE_HZ } from './instruments.ts';
import { addEcho, addReverb, stereoLoop } from './reverb.ts';
import type { StereoLoop } from './reverb.ts';
import {
  BARS,
  BASS_PATTERN,
  BEATS_PER_BAR,
  CHORDS,
  MELODY,
  PLUCK_LEVELS,
  PLUCK_PATTERN,
  RHYTHM_LEVELS,
} from './score.ts';

const FRAME_SAMPLES = 1152;
/** 79.9 s, 72 beats per minute; a whole number of frames and of samples per beat. */
const LOOP_FRAMES = 3060;
const LOOP_SAMPLES = LOOP_FRAMES * FRAME_SAMPLES;
const BEAT_SAMPLES = LOOP_SAMPLES / (BARS * BEATS_PER_BAR);
const BEAT_SECONDS = BEAT_SAMPLES / SAMPLE_RATE_HZ;
const PEAK = 10 ** (-2 / 20);
/** The encoder's delay (576 samples) and the decoder's (529) make nearly one frame. */
const DELAY_FRAMES = 1;
const SEED = 0x5eed;
const ENCODER_ARGUMENTS = [
  `-v error -f s16le -ar ${SAMPLE_RATE_HZ} -ac 2 -i pipe:0`,
  '-c:a libmp3lame -b:a 128k -reservoir 0 -compression_level 0',
  '-write_xing 0 -id3v2_version 0 -f mp3 pipe:1',
].flatMap((line) => line.split(' '));

function main(): void {
  const loop = mixDown();
  const pcm = toPcm(loop, 3);
  const encoder = spawnSync('ffmpeg', ENCODER_ARGUMENTS, { input: pcm, maxBuffer: 64 * 1024 * 1024 });
  if (encoder.status !== 0) throw new Error(`Cannot encode the demo as MP3: ${encoder.stderr.toString()}`);
  const first = LOOP_FRAMES + DELAY_FRAMES;
  const kept = cutFrames(encoder.stdout).slice(first, first + LOOP_FRAMES);
  writeFileSync(new URL('../demo.mp3', import.meta.url), Buffer.concat(kept));
}

function cutFrames(file: Uint8Array): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  let offset = 0;
  for (let header = parseMpegHeader(file, 0); header !== null; header = parseMpegHeader(file, offset)) {
    frames.push(file.subarray(offset, offset + header.byteLength));
    offset += header.byteLength;
  }
  return frames;
}

function mixDown(): StereoLoop {
  const random = seeded(SEED);
  const pads = stereoLoop(LOOP_SAMPLES);
  const keys = stereoLoop(LOOP_SAMPLES);
  const bells = stereoLoop(LOOP_SAMPLES);
  const low = stereoLoop(LOOP_SAMPLES);
  const brushes = stereoLoop(LOOP_SAMPLES);
  let beat = 0;
  for (const { bars, bass: root, tones } of CHORDS) {
    const seconds = bars * BEATS_PER_BAR * BEAT_SECONDS;
    for (const [index, pitch] of tones.entries()) {
      const pan = (index / (tones.length - 1)) * 1.2 - 0.6;
      pad(pads, { start: (beat - 0.5) * BEAT_SAMPLES, seconds, gain: 0.036, pan }, pitch, random);
    }
    for (const [step, tone] of PLUCK_PATTERN.entries()) {
      if (tone === null) continue;
      const pitch = (tones[tone] ?? root) + (step % 8 === 6 ? 12 : 0);
      const human = (random() - 0.5) * 0.02;
      const level = PLUCK_LEVELS[Math.floor((beat + step / 2) / BEATS_PER_BAR)] ?? 0;
      const gain = level * (0.085 + 0.035 * random() + (step % 8 === 0 ? 0.02 : 0));
      const start = (beat + step / 2 + human) * BEAT_SAMPLES;
      pluck(keys, { start, seconds: 2.2, gain, pan: Math.sin(step * 1.7) * 0.5 }, pitch);
    }
    for (const [at, interval, loudness, beats] of BASS_PATTERN) {
      const start = (beat + at) * BEAT_SAMPLES;
      bass(low, { start, seconds: beats * BEAT_SECONDS, gain: 0.2 * loudness, pan: 0 }, root + interval);
    }
    beat += bars * BEATS_PER_BAR;
  }
  for (const note of MELODY) {
    const pan = (note.pitch - 76) * 0.05;
    bell(
      bells,
      { start: note.beat * BEAT_SAMPLES, seconds: 3.6, gain: 0.125 * note.loudness, pan },
      note.pitch,
    );
  }
  for (let half = 0; half < BARS * BEATS_PER_BAR * 2; half++) playRhythm(half, low, brushes, random);
  return master(pads, keys, bells, low, brushes);
}

/** Drum on one and before three, brush strokes on two and four, a shaker that breathes on the half beats. */
function playRhythm(half: number, low: StereoLoop, brushes: StereoLoop, random: () => number): void {
  const step = half % 8;
  const level = RHYTHM_LEVELS[Math.floor(half / 8)] ?? 0;
  const at = half * (BEAT_SAMPLES / 2);
  const start = at + (random() - 0.5) * 0.008 * SAMPLE_RATE_HZ;
  if (step === 0 || step === 5)
    drum(low, { start, seconds: 0.6, gain: level * (step === 0 ? 0.24 : 0.13), pan: 0 });
  if (step === 2 || step === 6)
    brush(brushes, { start, seconds: 0.5, gain: 0.11 * level, pan: 0.15 }, 12, random);
  const swing = half % 2 === 1 ? 0.06 * BEAT_SAMPLES : 0;
  const gain = (0.3 + 0.7 * level) * (half % 2 === 1 ? 0.09 : 0.045) * (0.75 + 0.5 * random());
  brush(brushes, { start: start + swing, seconds: 0.25, gain, pan: -0.35 }, 34, random);
}

function master(
  ...groups: readonly [StereoLoop, StereoLoop, StereoLoop, StereoLoop, StereoLoop]
): StereoLoop {
  const [pads, keys, bells, , brushes] = groups;
  const dottedEighth = Math.round(BEAT_SAMPLES * 0.75);
  addEcho(bells, dottedEighth, 0.42);
  addEcho(keys, dottedEighth, 0.28);
  const send = stereoLoop(LOOP_SAMPLES);
  for (const [group, amount] of [
    [pads, 0.5],
    [keys, 0.55],
    [bells, 0.9],
    [brushes, 0.35],
  ] as const)
    add(group, send, amount);
  const mix = stereoLoop(LOOP_SAMPLES);
  for (const group of groups) add(group, mix, 1);
  addReverb(send, mix, 0.085, 0.86);
  let peak = 0;
  for (const channel of [mix.left, mix.right])
    for (const [index, value] of channel.entries()) {
      const warm = Math.tanh(value * 0.9);
      channel[index] = warm;
      peak = Math.max(peak, Math.abs(warm));
    }
  for (const channel of [mix.left, mix.right])
    for (const [index, value] of channel.entries()) channel[index] = (value / peak) * PEAK;
  return mix;
}

function add(from: StereoLoop, to: StereoLoop, amount: number): void {
  for (const [index, value] of from.left.entries()) to.left[index] = (to.left[index] ?? 0) + value * amount;
  for (const [index, value] of from.right.entries())
    to.right[index] = (to.right[index] ?? 0) + value * amount;
}

function toPcm(loop: StereoLoop, times: number): Buffer {
  const once = Buffer.alloc(LOOP_SAMPLES * 4);
  for (let index = 0; index < LOOP_SAMPLES; index++) {
    once.writeInt16LE(Math.round((loop.left[index] ?? 0) * 32_767), index * 4);
    once.writeInt16LE(Math.round((loop.right[index] ?? 0) * 32_767), index * 4 + 2);
  }
  return Buffer.concat(Array.from({ length: times }, () => once));
}

/** A small generator of uniform numbers (a 32-bit xorshift), so that each run makes the same piece. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

main();

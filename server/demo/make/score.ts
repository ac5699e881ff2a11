/**
 * The demo piece: 24 bars of four beats, four parts of six bars, round and round. Written for this project.
 * Pitches are MIDI numbers (69 is A4, 440 Hz), times are beats.
 */
export const BEATS_PER_BAR = 4;
export const BARS = 24;

export interface Chord {
  readonly bars: number;
  readonly bass: number;
  readonly tones: readonly number[];
}

/** D major, an evening in four windings; the last part borrows B flat and C from the minor and leans home. */
export const CHORDS: readonly Chord[] = [
  { bars: 2, bass: 38, tones: [54, 57, 61, 64, 66] }, // Dmaj9
  { bars: 2, bass: 35, tones: [54, 57, 61, 62, 66] }, // Bm9
  { bars: 2, bass: 43, tones: [54, 57, 59, 62, 66] }, // Gmaj9
  { bars: 2, bass: 40, tones: [55, 59, 62, 66, 67] }, // Em9
  { bars: 2, bass: 45, tones: [55, 59, 62, 64, 66] }, // A13sus
  { bars: 2, bass: 42, tones: [52, 57, 61, 64, 69] }, // F♯m7
  { bars: 2, bass: 43, tones: [54, 59, 62, 66, 69] }, // Gmaj9
  { bars: 2, bass: 42, tones: [54, 57, 62, 64, 69] }, // Dadd9/F♯
  { bars: 2, bass: 40, tones: [55, 59, 62, 66, 71] }, // Em9
  { bars: 2, bass: 34, tones: [53, 57, 60, 62, 69] }, // B♭maj9
  { bars: 2, bass: 36, tones: [52, 55, 57, 62, 67] }, // C6/9
  { bars: 2, bass: 33, tones: [52, 55, 59, 62, 64] }, // A9sus
];

export interface Note {
  readonly beat: number;
  readonly pitch: number;
  readonly loudness: number;
}

const phrase = (bar: number, ...notes: readonly (readonly [number, number, number?])[]): readonly Note[] =>
  notes.map(([beat, pitch, loudness = 0.7]) => ({ beat: bar * BEATS_PER_BAR + beat, pitch, loudness }));

/** The bells' tune: sparse, with room for its echoes. */
export const MELODY: readonly Note[] = [
  ...phrase(0, [2, 78], [3, 76, 0.5], [3.5, 73, 0.5]),
  ...phrase(1, [1, 74, 0.8]),
  ...phrase(2, [2.5, 73, 0.5], [3, 74, 0.6]),
  ...phrase(3, [0, 78, 0.8], [2, 69, 0.5]),
  ...phrase(4, [2, 74], [3, 76, 0.6], [3.5, 78, 0.6]),
  ...phrase(5, [1, 81, 0.8], [3, 78, 0.5]),
  ...phrase(6, [1, 79, 0.8], [2.5, 78, 0.5], [3, 74, 0.6]),
  ...phrase(7, [2, 71, 0.6]),
  ...phrase(8, [0.5, 74, 0.6], [1, 76, 0.7], [3, 79, 0.5]),
  ...phrase(9, [0, 78, 0.8], [2, 76, 0.5]),
  ...phrase(10, [2, 73, 0.7], [3, 76, 0.5], [3.5, 81, 0.6]),
  ...phrase(11, [1.5, 80, 0.4], [2, 81, 0.6]),
  ...phrase(12, [0, 83, 0.7], [1.5, 81, 0.5], [2, 78, 0.6]),
  ...phrase(13, [0.5, 74, 0.6], [3, 76, 0.5]),
  ...phrase(14, [0, 78, 0.8], [2.5, 76, 0.5], [3, 74, 0.6]),
  ...phrase(15, [1, 69, 0.6]),
  ...phrase(16, [1, 74, 0.6], [2, 78, 0.6], [3, 83, 0.7]),
  ...phrase(17, [1, 79, 0.6], [3.5, 78, 0.4]),
  ...phrase(18, [0.5, 77, 0.8], [2, 74, 0.5], [3, 72, 0.5]),
  ...phrase(19, [1, 77, 0.6], [2.5, 81, 0.7]),
  ...phrase(20, [0.5, 79, 0.8], [2, 76, 0.5], [3, 74, 0.5]),
  ...phrase(21, [1, 72, 0.6], [2.5, 74, 0.6]),
  ...phrase(22, [0, 76, 0.7], [2, 79, 0.5], [3, 78, 0.5]),
  ...phrase(23, [0, 74, 0.7], [2.5, 71, 0.4], [3.5, 73, 0.4]),
];

/** Which chord tone the plucked strings take on each half beat of two bars; null: rest. */
export const PLUCK_PATTERN: readonly (number | null)[] = [
  0,
  null,
  2,
  3,
  1,
  null,
  4,
  null,
  2,
  3,
  null,
  1,
  4,
  null,
  3,
  2,
];
/** The bass on two bars: beat, semitones above the root, loudness, length in beats. */
export const BASS_PATTERN: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 1, 2.3],
  [2.5, 0, 0.6, 1.2],
  [4, 0, 0.9, 2.2],
  [6.5, 7, 0.5, 1.2],
];
/** How loud the drum and brushes are in each bar: the piece wakes, rests in its third part, and wakes again. */
export const RHYTHM_LEVELS: readonly number[] = [
  0, 0, 0.4, 0.6, 0.8, 0.9, 1, 1, 1, 1, 1, 0.7, 0, 0, 0, 0.3, 0.5, 0.7, 0.9, 1, 1, 1, 0.6, 0.3,
];
/** How loud the plucked strings are in each bar. */
export const PLUCK_LEVELS: readonly number[] = [
  0.5, 0.6, 0.8, 0.9, 1, 1, 1, 1, 1, 1, 0.9, 0.8, 0.45, 0.4, 0.5, 0.6, 0.8, 0.9, 1, 1, 1, 1, 0.8, 0.6,
];

import type { Shade, StationAccent } from '../../shared/station/page.ts';

/**
 * A station's colour, made fit to be seen and read on: contrast as WCAG 2.2 computes it. Grounds and ink are those of
 * `client/design/tokens.css`.
 */
export const LIGHT_GROUND = '#f8f6f0';
export const DARK_GROUND = '#15140f';
export const INK = '#1d1a12';
const WHITE = '#ffffff';
const BLACK = '#000000';

/** Words on the colour: WCAG's least for text. */
export const INK_CONTRAST_MIN = 4.5;
/** The colour on a dark ground, where it also marks what has the focus: WCAG's least for signs. */
export const DARK_CONTRAST_MIN = 3;
/** On a light ground it only fills what bears words of its own, and must be seen to do so. */
export const LIGHT_CONTRAST_MIN = 1.5;

export const COLOUR_PATTERN = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

/** From one colour: darker for the light ground, or lighter for the dark one, as far as it takes. */
export function accentOf(colour: string): StationAccent {
  const whole = inFull(colour);
  return {
    light: shadeOf(mixedUntil(whole, INK, (fill) => contrast(fill, LIGHT_GROUND) >= LIGHT_CONTRAST_MIN)),
    dark: shadeOf(mixedUntil(whole, WHITE, (fill) => contrast(fill, DARK_GROUND) >= DARK_CONTRAST_MIN)),
  };
}

/** From two colours that the station has chosen itself: they are taken as they are. */
export const accentOfTwo = (light: string, dark: string): StationAccent => ({
  light: shadeOf(inFull(light)),
  dark: shadeOf(inFull(dark)),
});

/** Why a colour cannot be seen on a ground, or null if it can. */
export function whyUnseen(colour: string, ground: 'light' | 'dark'): string | null {
  const found = contrast(inFull(colour), ground === 'light' ? LIGHT_GROUND : DARK_GROUND);
  const min = ground === 'light' ? LIGHT_CONTRAST_MIN : DARK_CONTRAST_MIN;
  if (found >= min) return null;
  const way = ground === 'light' ? 'darker' : 'lighter';
  return `must be ${way}: its contrast with the ${ground} ground is ${found.toFixed(2)}, and must be at least ${min}`;
}

/** WCAG's contrast ratio of two colours, 1 to 21. */
export function contrast(first: string, second: string): number {
  const [low = 0, high = 0] = [luminance(first), luminance(second)].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const shadeOf = (fill: string): Shade => ({ fill, ink: inkOn(fill) });

/** Our own ink where it can be read, else white, else black: one of the last two always can. */
function inkOn(fill: string): string {
  const readable = [INK, WHITE].find((ink) => contrast(ink, fill) >= INK_CONTRAST_MIN);
  return readable ?? BLACK;
}

const MIX_STEPS = 40;

function mixedUntil(colour: string, other: string, isFit: (mixed: string) => boolean): string {
  for (let step = 0; step < MIX_STEPS; step++) {
    const mixed = mix(colour, other, step / MIX_STEPS);
    if (isFit(mixed)) return mixed;
  }
  return other;
}

/** In linear light, which keeps the hue. */
function mix(colour: string, other: string, share: number): string {
  const [from, to] = [linear(colour), linear(other)];
  const bytes = from.map((value, index) => byteOf(value + ((to[index] ?? 0) - value) * share));
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = linear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Red, green and blue, 0 to 1, in linear light. */
function linear(colour: string): readonly number[] {
  const bytes = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  return bytes.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
}

function byteOf(value: number): number {
  const curved = value <= 0.003_130_8 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
  return Math.round(Math.min(1, Math.max(0, curved)) * 255);
}

/** `#abc` is `#aabbcc`. */
const inFull = (colour: string): string => colour.toLowerCase().replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3');

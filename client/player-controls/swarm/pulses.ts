import type { SoundFlow } from '../../listener/sound-flow.ts';
import { strandKey } from './strand.ts';

/** One chunk under way in the drawing. */
export interface Pulse {
  readonly strand: string;
  readonly direction: 'in' | 'out';
  /** On the clock of `performance.now()`. */
  readonly startsAt: number;
}

/** How long a chunk is seen on its way: calm, not quick. */
export const TRAVEL_MS = 1300;
/** What goes out is drawn when what came in has reached me. */
const PASSING_MS = TRAVEL_MS * 0.94;
const PULSES_MAX = 64;
/** A burst is one movement of the stripe, not twenty. */
const APART_MIN_MS = 150;

/** The chunks that are under way, the oldest first. */
export class Pulses {
  readonly #pulses: Pulse[] = [];
  readonly #newest = new Map<string, number>();

  add(flow: SoundFlow, now: number): void {
    const isIn = flow.type === 'received';
    const direction = isIn ? 'in' : 'out';
    const strand = strandKey(direction, isIn ? flow.from : flow.to, flow.stripe);
    const startsAt = isIn ? now : now + PASSING_MS;
    if (startsAt - (this.#newest.get(strand) ?? -Infinity) < APART_MIN_MS) return;
    if (this.#pulses.length >= PULSES_MAX) return;
    this.#newest.set(strand, startsAt);
    this.#pulses.push({ strand, direction, startsAt });
  }

  /** Those that are to be drawn; the ones that have arrived are forgotten. */
  at(now: number): readonly Pulse[] {
    const alive = this.#pulses.filter(({ startsAt }) => now - startsAt < TRAVEL_MS);
    this.#pulses.splice(0, this.#pulses.length, ...alive);
    if (alive.length === 0) this.#newest.clear();
    return alive.filter(({ startsAt }) => startsAt <= now);
  }

  /** Whether anything moves now or soon. */
  get isMoving(): boolean {
    return this.#pulses.length > 0;
  }

  clear(): void {
    this.#pulses.length = 0;
    this.#newest.clear();
  }
}

/** Slow at both ends. @param share 0 to 1 */
export const ease = (share: number): number => share * share * (3 - 2 * share);

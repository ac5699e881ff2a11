import { epoch as toEpoch, millis, sequence } from '../units.ts';
import type { Epoch, Millis, Sequence } from '../units.ts';
import { encodeWire } from '../wire/wire-codec.ts';
import { slotsFree } from './children.ts';
import { sendEncoded, sendWire } from './core.ts';
import type { Core } from './core.ts';
import { SUMMARY_CHUNKS, SUMMARY_INTERVAL_MS } from './limits.ts';
import { bitmapOf, holds } from './neighbours.ts';
import type { Neighbour } from './neighbours.ts';
import { ownDepths } from './parents.ts';

const NO_EPOCH = toEpoch(0);

/** Tells every neighbour what we hold, every SUMMARY_INTERVAL_MS: summary and heartbeat in one. */
export class Summaries {
  /** When the next summary is due. */
  nextAt: Millis = millis(0);

  tick(core: Core, now: Millis): void {
    if (now < this.nextAt) return;
    // A little jitter keeps a swarm that began together from speaking together.
    this.nextAt = millis(now + SUMMARY_INTERVAL_MS * (0.9 + 0.2 * core.random()));
    const ready = core.neighbours.ready();
    if (ready.length === 0) return;
    const summary = encodeSummary(core);
    for (const neighbour of ready) sendEncoded(core, neighbour, summary, false);
  }
}

/** Tells one neighbour, e.g. a new one, what we hold. */
export function sendSummary(core: Core, neighbour: Neighbour): void {
  sendEncoded(core, neighbour, encodeSummary(core), false);
}

/** A chunk came to us late, so others may miss it too: tell those who have not said that they hold it. */
export function announceLate(core: Core, epoch: Epoch, number: Sequence): void {
  for (const neighbour of core.neighbours.all()) {
    if (neighbour.phase === 'ready' && !holds(neighbour, epoch, number)) {
      sendWire(core, neighbour, { type: 'haveOne', epoch, sequence: number });
    }
  }
}

function encodeSummary(core: Core): Uint8Array {
  const epoch = core.store.newestEpoch();
  const newest = epoch === null ? null : core.store.newest(epoch);
  const base = sequence(Math.max(0, (newest ?? 0) - SUMMARY_CHUNKS + 1));
  return encodeWire({
    type: 'have',
    epoch: epoch ?? NO_EPOCH,
    base,
    held: epoch === null ? new Uint8Array(0) : bitmapOf(base, (number) => core.store.has(epoch, number)),
    depths: ownDepths(core),
    slotsFree: Math.min(255, slotsFree(core)),
  });
}

import type { Chunk } from '../chunk/chunk.ts';
import { chunkStripe } from '../chunk/chunk.ts';
import type { Epoch, Millis, Sequence } from '../units.ts';
import { forwardToChildren } from './children.ts';
import { emit, latenessOf, parentOf } from './core.ts';
import type { Core, PendingVerification } from './core.ts';
import type { ChunkOrigin, MisbehaviourReason } from './engine-io.ts';
import { AHEAD_MAX_MS, CHUNKS_HELD_MAX, VERIFICATIONS_PENDING_MAX } from './limits.ts';
import { dropMisbehaving } from './links.ts';
import { noteHolding } from './neighbours.ts';
import type { Neighbour } from './neighbours.ts';
import { noteDelivered } from './parents.ts';

/**
 * Bytes have come that should be a chunk. What is not ours, too old or held already ends here; the rest is sent to be
 * verified, and nothing else is done with it before that.
 */
export function takeIn(
  core: Core,
  now: Millis,
  data: Uint8Array,
  origin: ChunkOrigin,
  sender: Neighbour | null,
): void {
  if (origin.from === 'peer') core.counters.chunkBytesFromPeers += data.length;
  else core.counters.chunkBytesFromEdges += data.length;
  const decoded = core.readers.chunk(data);
  const fault = decoded.ok ? faultOf(core, now, decoded.chunk) : 'malformed-message';
  if (!decoded.ok || fault !== null) {
    if (origin.from === 'peer') dropMisbehaving(core, now, origin.peerId, fault ?? 'malformed-message');
    return;
  }
  const { chunk } = decoded;
  const { epoch, sequence: number } = chunk.header;
  if (sender !== null) noteHolding(sender, epoch, number);
  const held = core.store.get(epoch, number);
  if (held !== undefined && origin.from === 'peer' && !sameBytes(held.wire, chunk.wire)) {
    // The origin signs one chunk of each number: another is a forgery, although it comes too late to deceive us.
    dropMisbehaving(core, now, origin.peerId, 'bad-signature');
    return;
  }
  if (held !== undefined || isPast(core, epoch, number)) {
    core.counters.duplicateChunkBytes += data.length;
    return;
  }
  if (core.pending.length >= VERIFICATIONS_PENDING_MAX) return;
  const ticket = core.nextTicket;
  core.nextTicket += 1;
  core.pending.push({ ticket, chunk, origin, at: now });
  emit(core, { type: 'verify', ticket, chunk });
}

/** What verification said. Returns the chunk if it is genuine and new: it has then been stored and passed on. */
export function settleVerification(
  core: Core,
  now: Millis,
  ticket: number,
  genuine: boolean,
): PendingVerification | null {
  const pending = takePending(core.pending, ticket);
  if (pending === undefined) return null;
  const { chunk, origin } = pending;
  if (!genuine) {
    if (origin.from === 'peer') dropMisbehaving(core, now, origin.peerId, 'bad-signature');
    return null;
  }
  if (!core.store.add(chunk)) {
    core.counters.duplicateChunkBytes += chunk.wire.length;
    return null;
  }
  core.timeline.note(pending.at, chunk.header);
  if (origin.from === 'peer') notePush(core, now, chunk, origin.peerId);
  forwardToChildren(core, now, chunk, origin);
  return pending;
}

function faultOf(core: Core, now: Millis, chunk: Chunk): MisbehaviourReason | null {
  const { header } = chunk;
  if (header.mountId !== core.options.mountId) return 'foreign-mount';
  const liveMs = core.timeline.liveMediaMs(now, header.epoch);
  return liveMs !== null && header.mediaTime / 1000 > liveMs + AHEAD_MAX_MS ? 'chunk-too-far-ahead' : null;
}

/** Of an epoch that is over for us, or behind what we keep. */
function isPast(core: Core, epoch: Epoch, number: Sequence): boolean {
  const newest = core.store.newest(epoch);
  if (newest !== null) return number <= newest - CHUNKS_HELD_MAX;
  const current = core.store.newestEpoch();
  return current !== null && epoch < current;
}

function takePending(pending: PendingVerification[], ticket: number): PendingVerification | undefined {
  const found = pending.find((each) => each.ticket === ticket);
  const last = found === undefined ? undefined : pending.pop();
  if (found !== undefined && last !== undefined && last !== found) pending[pending.indexOf(found)] = last;
  return found;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]));

/** Learns how late chunks of a stripe usually are when the parent pushes them. */
function notePush(core: Core, now: Millis, chunk: Chunk, peerId: string): void {
  const stripe = chunkStripe(chunk);
  const parent = parentOf(core, stripe);
  if (parent.kind !== 'peer' || parent.peerId !== peerId) return;
  noteDelivered(core, stripe, parent.peerId);
  const expected = core.timeline.expectedAt(chunk.header.epoch, chunk.header.sequence);
  if (expected === null) return;
  const lateness = latenessOf(core, stripe);
  const sampleMs = Math.max(0, now - expected);
  lateness.deviationMs += (Math.abs(sampleMs - lateness.meanMs) - lateness.deviationMs) / 4;
  lateness.meanMs += (sampleMs - lateness.meanMs) / 8;
}

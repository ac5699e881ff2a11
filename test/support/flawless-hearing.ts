import { expect } from 'vitest';
import type { ChunkWindow } from '../../server/station/chunk-window.ts';
import { isGapless } from './node-listener.ts';
import type { NodeListener } from './node-listener.ts';
import { waitFor } from './wait-for.ts';

const HEARD_WITHIN_MS = 60_000;

/** Each plays so many chunks more. */
export async function allHearOn(listeners: readonly NodeListener[], chunks: number): Promise<void> {
  const marks = listeners.map(({ played }) => played.length);
  await waitFor(
    'everyone hears on',
    () => listeners.every(({ played }, index) => played.length >= (marks[index] ?? 0) + chunks),
    HEARD_WITHIN_MS,
  );
}

/** Every chunk in its time, none missing, each byte for byte what the station made as far as it still has it. */
export function expectFlawless(listeners: readonly NodeListener[], window: ChunkWindow): void {
  for (const one of listeners) {
    expect(isGapless(one)).toBe(true);
    expect(one.skipped()).toBe(0);
    const { counters } = one.listener.snapshot();
    expect(counters.chunksInTime).toBe(counters.chunksDue);
    for (const { header, wire } of one.played) {
      const made = window.lookUp(header.epoch, header.sequence);
      if (made.state === 'held') expect(Buffer.from(wire).equals(Buffer.from(made.chunk.wire))).toBe(true);
    }
  }
}

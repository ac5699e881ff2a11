import { setTimeout as pause } from 'node:timers/promises';
import type { TrackerSocketServer } from '../tracker/tracker-socket-server.ts';
import type { LiveStreams } from './live-streams.ts';
import type { ClosableRoom } from './room.ts';

export interface Leaving {
  readonly room: ClosableRoom;
  readonly streams: LiveStreams;
  readonly tracker: TrackerSocketServer;
}

/**
 * Listeners that are told of other edges move by themselves, spread over some seconds and without a gap: so much of the
 * time is theirs before the streams of the others are ended.
 */
const OWN_ACCORD_SHARE = 0.25;
/** The last ones need time to be gone. */
const ENDED_SHARE = 0.9;
const LOOK_MS = 100;

/**
 * Before an edge goes away: newcomers are refused, the tracker lets its members go, and streams of chunks end one after
 * the other, which listeners take up elsewhere where they ended. Chunks that are asked for one by one are answered to
 * the last. Players of the plain stream cannot be led anywhere.
 */
export async function handOver({ room, streams, tracker }: Leaving, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  room.close('This server is about to stop');
  tracker.leave(withinMs * ENDED_SHARE);
  const ending = setTimeout(
    () => streams.endAllWithin(withinMs * (ENDED_SHARE - OWN_ACCORD_SHARE)),
    withinMs * OWN_ACCORD_SHARE,
  );
  // Others hang on them.
  streams.endRelays();
  while (streams.size + tracker.counters.connections > 0 && performance.now() < until) await pause(LOOK_MS);
  clearTimeout(ending);
}

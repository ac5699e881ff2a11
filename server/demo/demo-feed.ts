import { readFileSync } from 'node:fs';
import { unpackFrames } from '../../shared/codec/frames.ts';
import { parseMpegHeader } from '../../shared/codec/mpeg-header.ts';
import type { CodecConfig, Frame } from '../../shared/codec/codec.ts';
import type { Clock } from '../ingest/clock.ts';
import type { Feed, FeedListener } from '../ingest/feed.ts';
import { DEMO_ARTIST, DEMO_TITLES } from './demo-titles.ts';

/** After a pause longer than this (the machine slept), the sound missed is skipped, not caught up on. */
export const LATE_MS_MAX = 2_000;

/**
 * Plays the built-in station for ever: each frame at the moment when a live encoder would have it. Every frame of
 * `demo.mp3` stands alone (no bit reservoir) and the piece was encoded in mid-loop, so the end joins the beginning.
 */
export function startDemoFeed(listener: FeedListener, clock: Clock): Feed {
  const { frames, config } = loadDemo();
  const frameMs = ((frames[0]?.sampleCount ?? 0) * 1000) / config.sampleRateHz;
  const titleAt = new Map(DEMO_TITLES.map(({ from, title }) => [Math.round(from * frames.length), title]));
  let startMs: number = clock.now();
  let count = 0;

  const play = (): void => {
    const late = clock.now() - (startMs + count * frameMs);
    if (late > LATE_MS_MAX) {
      startMs += late;
      listener.onSound({ type: 'gap', reason: 'the machine was asleep' });
    }
    while (startMs + count * frameMs <= clock.now()) {
      const index = count % frames.length;
      const frame = frames[index];
      if (frame === undefined) return;
      if (count === 0) listener.onSound({ type: 'config', config });
      const title = titleAt.get(index);
      if (title !== undefined) listener.onSound({ type: 'title', title, artist: DEMO_ARTIST });
      count += 1;
      listener.onReceived(frame.bytes.length);
      listener.onSound({ type: 'frame', frame });
    }
    cancel = clock.after(startMs + count * frameMs - clock.now(), play);
  };
  let cancel = clock.after(0, play);
  return { stop: () => cancel() };
}

/** @throws Error if the file that is shipped is damaged. */
export function loadDemo(): { readonly frames: readonly Frame[]; readonly config: CodecConfig } {
  const file = new Uint8Array(readFileSync(new URL('demo.mp3', import.meta.url)));
  const unpacked = unpackFrames('mp3', file);
  const header = parseMpegHeader(file, 0);
  if (!unpacked.ok || header === null) throw new Error('Cannot read demo.mp3 as MPEG frames: it is damaged');
  const { sampleRateHz, channelCount } = header;
  return { frames: unpacked.frames, config: { codec: 'mp3', sampleRateHz, channelCount, setup: null } };
}

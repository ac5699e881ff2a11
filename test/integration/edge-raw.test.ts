import { spawnSync } from 'node:child_process';
import { BURST_BYTES_MAX } from '../../server/icecast/mount-answer.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CodecName } from '../../shared/codec/codec.ts';
import { encodeTone } from '../support/encoded-sound.ts';
import { openStream } from '../support/http-stream.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { waitFor } from '../support/wait-for.ts';

const CODECS: readonly CodecName[] = ['mp3', 'aac', 'opus', 'vorbis', 'flac'];
const CONTENT_TYPES: Readonly<Record<CodecName, string>> = {
  mp3: 'audio/mpeg',
  aac: 'audio/aac',
  opus: 'audio/ogg',
  vorbis: 'audio/ogg',
  flac: 'audio/flac',
};
describe('raw mount', () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await startScriptedServer();
  });
  afterEach(() => server.stop());

  it.each(CODECS)(
    'gives %s to a player that joins in the middle, so that ffmpeg decodes all of it',
    async (codec) => {
      const sound = encodeTone(codec, 12, 440);
      const middle = Math.floor(sound.frames.length / 2);
      server.emit({ type: 'config', config: sound.config });
      server.play(sound.frames.slice(0, middle));
      const data = await receive(server, CONTENT_TYPES[codec], () => server.play(sound.frames.slice(middle)));
      const { seconds, complaints } = decode(data);
      // Half of 12 s, what fits into the burst from before, and what is not a whole chunk at the end is missing.
      const byteRate = sound.frames.reduce((sum, frame) => sum + frame.bytes.length, 0) / 12;
      const burst = Math.min(6, BURST_BYTES_MAX / byteRate);
      expect(seconds).toBeGreaterThan(6 + burst - 1);
      expect(seconds).toBeLessThan(6 + burst + 0.6);
      expect(complaints).toBe('');
    },
  );

  it.each(['opus', 'vorbis'] as const)(
    'goes on after a gap in %s as the next link of a chain',
    async (codec) => {
      const sound = encodeTone(codec, 6, 440);
      server.emit({ type: 'config', config: sound.config });
      const data = await receive(server, 'audio/ogg', () => {
        server.play(sound.frames);
        server.emit({ type: 'gap', reason: 'script' });
        server.play(sound.frames);
        server.emit({ type: 'gap', reason: 'script' });
      });
      const { seconds, complaints } = decode(data);
      expect(seconds).toBeGreaterThan(11.8);
      expect(seconds).toBeLessThan(12.2);
      expect(complaints).toBe('');
    },
  );

  it('ends when another codec comes, so that the player connects again', async () => {
    const before = encodeTone('mp3', 2, 440);
    const after = encodeTone('aac', 2, 440);
    server.emit({ type: 'config', config: before.config });
    server.play(before.frames);
    const player = await openStream(`${server.url}/live.mp3`);
    server.emit({ type: 'config', config: after.config });
    server.play(after.frames);
    await waitFor('the stream ended', player.isEnded);
    const again = await openStream(`${server.url}/live.mp3`);
    expect(again.headers.get('content-type')).toBe('audio/aac');
    again.close();
  });
});

/** What a player has received when all that `play` made has come. */
async function receive(server: ScriptedServer, contentType: string, play: () => void): Promise<Uint8Array> {
  const player = await openStream(`${server.url}/live.mp3`);
  const [mount] = server.stations[0]?.mounts ?? [];
  try {
    expect(player.headers.get('content-type')).toBe(contentType);
    play();
    const sent = (): number => (mount === undefined ? -1 : server.egress.totals(mount.id).fallback);
    await waitFor('all that was sent has come', () => player.received().length === sent());
    return player.received();
  } finally {
    player.close();
  }
}

/** By ffmpeg: how much sound there is, and what it has to say against the bytes. */
function decode(data: Uint8Array): { readonly seconds: number; readonly complaints: string } {
  const rate = 8000;
  const run = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-i', 'pipe:0', '-ac', '1', '-ar', String(rate), '-f', 's16le', 'pipe:1'],
    { input: data, maxBuffer: 64 * 1024 * 1024 },
  );
  return { seconds: run.stdout.length / 2 / rate, complaints: run.stderr.toString() };
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { CodecName } from '../../shared/codec/codec.ts';
import { statisticsSchema } from '../../server/edge/statistics.ts';
import { encodeTone } from '../support/encoded-sound.ts';
import { playFor } from '../support/real-player.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { pumpSound } from '../support/sound-pump.ts';

describe('HLS', () => {
  let server: ScriptedServer;
  let stop = nothing;
  afterEach(async () => {
    stop();
    await server.stop();
  });
  const start = async (codec: CodecName): Promise<string> => {
    const mounts = [{ path: `/live.${codec}`, sources: ['demo'] }];
    server = await startScriptedServer({
      config: { webrtc: { enabled: false }, stations: [{ id: 'radio', name: 'Radio', mounts }] },
    });
    return `${server.url}/hls/live.${codec}`;
  };

  it.each([
    ['mp3', 'audio/mpeg', 'mp4a.40.34'],
    ['aac', 'audio/aac', 'mp4a.40.2'],
    ['opus', 'audio/mp4', 'Opus'],
    ['flac', 'audio/mp4', 'fLaC'],
  ] as const)(
    'of %s is heard by ffmpeg, alone and among a station’s variants',
    async (codec, contentType, name) => {
      const base = await start(codec);
      stop = pumpSound(server, encodeTone(codec, 12, 440));
      const playlist = await (await fetch(`${base}/live.m3u8`)).text();
      const [file = ''] = playlist.split('\n').filter((line) => /^\d/.test(line));
      const segment = await fetch(`${base}/${file}`);
      expect(segment.headers.get('content-type')).toBe(contentType);
      expect(segment.headers.get('access-control-allow-origin')).toBe('*');
      await segment.arrayBuffer();
      const variants = await (await fetch(`${server.url}/hls/radio/live.m3u8`)).text();
      expect(variants).toContain(`CODECS="${name}"\n../live.${codec}/live.m3u8\n`);
      for (const url of [`${base}/live.m3u8`, `${server.url}/hls/radio/live.m3u8`]) {
        const heard = await playFor('ffmpeg', url, 4);
        expect(heard.frequencyHz, heard.said).toBeGreaterThan(420);
        expect(heard.frequencyHz).toBeLessThan(460);
        expect(heard.seconds).toBeGreaterThan(3.5);
        expect(heard.said).not.toMatch(/non-monoton|invalid|error/i);
      }
    },
  );

  it.each(['mp3', 'opus'] as const)('of %s has every sample once, its segments end to end', async (codec) => {
    const base = await start(codec);
    const sound = encodeTone(codec, 12, 440);
    server.emit({ type: 'config', config: sound.config });
    server.play(sound.frames);
    const playlist = await (await fetch(`${base}/live.m3u8`)).text();
    const listed = [...playlist.matchAll(/#EXTINF:([\d.]+),/g)].map(([, seconds]) => Number(seconds));
    for (const seconds of listed) expect(Math.round(seconds)).toBeLessThanOrEqual(2);
    const said = listed.reduce((sum, seconds) => sum + seconds, 0);
    // From the beginning of the list, as far as it goes.
    const input = ['-live_start_index', '0', '-i', `${base}/live.m3u8`, '-t', String(said - 0.1)];
    const output = ['-ac', '1', '-ar', '8000', '-f', 's16le', 'pipe:1'];
    const { stdout: pcm } = await promisify(execFile)('ffmpeg', ['-v', 'error', ...input, ...output], {
      encoding: 'buffer',
      maxBuffer: 8 * 1024 * 1024,
      timeout: 20_000,
    });
    expect(pcm.length / 2 / 8000).toBeCloseTo(said - 0.1, 1);
  });

  it('slides: numbers grow by one, and a new epoch is a discontinuity', async () => {
    const base = await start('mp3');
    const sound = encodeTone('mp3', 12, 440);
    server.emit({ type: 'config', config: sound.config });
    server.emit({ type: 'title', title: 'Tide', artist: 'Zoë' });
    server.play(sound.frames);
    const before = await (await fetch(`${base}/live.m3u8`)).text();
    expect(before).toContain('#EXT-X-TARGETDURATION:2\n');
    expect(before).toContain(',Zoë - Tide\n');
    expect(before).not.toContain('#EXT-X-DISCONTINUITY\n');
    expect(before).not.toContain('ENDLIST');
    server.emit({ type: 'gap', reason: 'script' });
    server.play(sound.frames.slice(0, 160));
    const after = await (await fetch(`${base}/live.m3u8`)).text();
    expect(first(after)).toBeGreaterThan(first(before));
    expect(after.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
    const names = [...after.matchAll(/^(\d+)\.mp3$/gm)].map(([, number]) => Number(number));
    expect(names).toEqual(names.map((_, index) => first(after) + index));
  });

  it('counts who asks again and again as one listener, and its bytes as fallback', async () => {
    const base = await start('mp3');
    stop = pumpSound(server, encodeTone('mp3', 12, 440));
    const headers = { 'User-Agent': 'phone' };
    for (let round = 0; round < 3; round += 1) await (await fetch(`${base}/live.m3u8`, { headers })).text();
    await (await fetch(`${base}/live.m3u8`, { headers: { 'User-Agent': 'tablet' } })).text();
    const status = Object(await (await fetch(`${server.url}/status-json.xsl`)).json());
    expect(status.icestats.source.listeners).toBe(2);
    const [file = ''] = (await (await fetch(`${base}/live.m3u8`, { headers })).text())
      .split('\n')
      .filter((line) => /^\d/.test(line));
    const { byteLength } = await (await fetch(`${base}/${file}`)).arrayBuffer();
    const { mounts } = statisticsSchema.parse(await (await fetch(`${server.url}/api/statistics`)).json());
    expect(mounts[0]?.egress.fallback).toBe(byteLength);
    expect(mounts[0]?.listeners).toBe(2);
  });

  it('says why there is none: no sound yet, Vorbis, no such name, a segment that is gone', async () => {
    const base = await start('vorbis');
    const early = await fetch(`${base}/live.m3u8`);
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '2']);
    const sound = encodeTone('vorbis', 4, 440);
    server.emit({ type: 'config', config: sound.config });
    server.play(sound.frames);
    for (const url of [`${base}/live.m3u8`, `${server.url}/hls/radio/live.m3u8`]) {
      const answer = await fetch(url);
      expect(answer.status).toBe(404);
      expect(await answer.text()).toBe('HLS does not carry vorbis. The plain stream is at /live.vorbis.\n');
    }
    for (const path of [
      'none/live.m3u8',
      'live.vorbis/1.mp3',
      'live.vorbis/1.mp4',
      'live.vorbis/..%2f..%2fetc',
      'live.vorbis/x',
    ])
      expect((await fetch(`${server.url}/hls/${path}`)).status, path).toBe(404);
  });
});

const nothing = (): void => undefined;
const first = (playlist: string): number => Number(/MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1]);

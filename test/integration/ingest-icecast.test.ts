import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CodecName } from '../../shared/codec/codec.ts';
import { startFfmpegSource } from '../support/ffmpeg.ts';
import type { FfmpegSource, SourceOptions } from '../support/ffmpeg.ts';
import { startIcecast } from '../support/icecast.ts';
import type { Icecast } from '../support/icecast.ts';
import { recordIngest } from '../support/ingest-recording.ts';
import type { IngestRecording } from '../support/ingest-recording.ts';
import { waitFor } from '../support/wait-for.ts';

/** Long enough for the longest wait between two tries. */
const RETURN_MS_MAX = 40_000;

let icecast: Icecast;
const sources: FfmpegSource[] = [];
const recordings: IngestRecording[] = [];

beforeAll(async () => {
  icecast = await startIcecast();
});
afterEach(async () => {
  await Promise.all(recordings.splice(0).map(({ ingest }) => ingest.stop()));
  await Promise.all(sources.splice(0).map((source) => source.stop()));
});
afterAll(async () => {
  await icecast.stop();
});

/** Starts ffmpeg on a mount and waits until Icecast serves it. */
async function play(mount: string, options: Omit<SourceOptions, 'target'>): Promise<FfmpegSource> {
  const source = startFfmpegSource({ ...options, target: icecast.target(mount) });
  sources.push(source);
  await waitForMount(mount);
  return source;
}

async function waitForMount(mount: string): Promise<void> {
  let isThere = false;
  const look = setInterval(() => {
    void fetch(icecast.url('/status-json.xsl'))
      .then((response) => response.text())
      .then((text) => (isThere ||= text.includes(mount)))
      .catch(() => undefined);
  }, 100);
  try {
    await waitFor(`Icecast serves ${mount}`, () => isThere);
  } finally {
    clearInterval(look);
  }
}

function record(...mounts: readonly string[]): IngestRecording {
  const recording = recordIngest(...mounts.map((mount) => icecast.url(mount)));
  recordings.push(recording);
  return recording;
}

describe.each<[CodecName, string]>([
  ['mp3', '/live.mp3'],
  ['aac', '/live.aac'],
  ['opus', '/live.opus'],
  ['vorbis', '/live.ogg'],
  ['flac', '/live.flac'],
])('%s from a real Icecast', (codec, mount) => {
  it('is heard within seconds, in real time, with its set-up first', async () => {
    await play(mount, { codec });
    const recording = record(mount);
    await waitFor('frames came', () => recording.frameCount() > 0);
    const startedAt = performance.now();
    const [first] = recording.events.filter(({ type }) => type === 'config' || type === 'frame');
    expect(first).toMatchObject({ type: 'config', config: { codec, channelCount: 2, sampleRateHz: 48_000 } });
    expect(recording.states()).toEqual(['connecting', 'live']);
    await waitFor('three more seconds of sound came', () => soundMs(recording) > 3000);
    expect(performance.now() - startedAt).toBeLessThan(8000);
    expect(recording.gaps()).toEqual([]);
  });
});

const soundMs = ({ events }: IngestRecording): number =>
  events.reduce((sum, event) => sum + (event.type === 'frame' ? event.frame.sampleCount / 48 : 0), 0);

describe('titles from a real Icecast', () => {
  it('ICY titles arrive when they change, split into artist and title, from a server that sends Latin-1', async () => {
    await play('/titles.mp3', { codec: 'mp3' });
    const recording = record('/titles.mp3');
    await waitFor('frames came', () => recording.frameCount() > 0);
    await icecast.setTitle('/titles.mp3', "Cesária Évora - D'dor d'amor");
    await waitFor('the title came', () => recording.titles().includes("D'dor d'amor"));
    const titled = recording.events.find((event) => event.type === 'title' && event.title !== '');
    expect(titled).toEqual({ type: 'title', title: "D'dor d'amor", artist: 'Cesária Évora' });
    await icecast.setTitle('/titles.mp3', 'Jingle');
    await waitFor('the next title came', () => recording.titles().at(-1) === 'Jingle');
  });

  it('ICY titles arrive from a server that sends UTF-8', async () => {
    await play('/titles-utf8.mp3', { codec: 'mp3' });
    const recording = record('/titles-utf8.mp3');
    await waitFor('frames came', () => recording.frameCount() > 0);
    await icecast.setTitle('/titles-utf8.mp3', 'Жизнь — радость');
    await waitFor('the title came', () => recording.titles().includes('Жизнь — радость'));
  });

  it('titles inside Ogg arrive', async () => {
    await play('/titles.opus', { codec: 'opus', title: 'Sodade' });
    const recording = record('/titles.opus');
    await waitFor('the title came', () => recording.titles().includes('Sodade'));
  });
});

describe('a real Icecast that dies', () => {
  it('is waited for, and heard again after a gap when it is back', async () => {
    await play('/mortal.mp3', { codec: 'mp3' });
    const recording = record('/mortal.mp3');
    await waitFor('frames came', () => recording.frameCount() > 0);
    await icecast.crash();
    await waitFor('the loss was seen', () => recording.states().at(-1) === 'waiting');
    expect(recording.gaps()).toHaveLength(1);
    const before = recording.frameCount();
    await icecast.restart();
    await Promise.all(sources.splice(0).map((source) => source.stop()));
    await play('/mortal.mp3', { codec: 'mp3' });
    await waitFor('frames came again', () => recording.frameCount() > before, RETURN_MS_MAX);
    expect(recording.gaps()).toHaveLength(1);
    expect(recording.ingest.stats()).toMatchObject({ reconnects: 1, discardedBytes: expect.any(Number) });
    expect(recording.events.filter(({ type }) => type === 'config')).toHaveLength(1);
  });
});

describe('two mounts of a real Icecast', () => {
  it('the fallback plays while the first is away, and the first is taken back when it returns', async () => {
    const first = await play('/first.mp3', { codec: 'mp3' });
    await play('/second.mp3', { codec: 'mp3' });
    const recording = record('/first.mp3', '/second.mp3');
    const current = (): string => recording.ingest.stats().currentSource ?? '';
    await waitFor('the first plays', () => current().endsWith('/first.mp3'));
    await first.stop();
    await waitFor('the fallback plays', () => current().endsWith('/second.mp3'), RETURN_MS_MAX);
    await play('/first.mp3', { codec: 'mp3' });
    await waitFor('the first plays again', () => current().endsWith('/first.mp3'), RETURN_MS_MAX);
    expect(recording.gaps()).toHaveLength(2);
    const frames = recording.frameCount();
    await waitFor('it goes on', () => recording.frameCount() > frames + 40);
    expect(recording.gaps()).toHaveLength(2);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CodecName } from '../../shared/codec/codec.ts';
import { startFfmpegSource } from '../support/ffmpeg.ts';
import { ffmpegHears, hear } from '../support/hearing.ts';
import type { Hearing } from '../support/hearing.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { startButt, startEzstream, startIces, startLiquidsoap, TAGS } from '../support/source-programs.ts';
import type { SourceProgram, StartProgram } from '../support/source-programs.ts';
import { waitFor } from '../support/wait-for.ts';

/** One each, so that nobody's burst has another's sound. */
const MOUNTS = ['/mp3', '/aac', '/opus', '/ezstream', '/ices', '/liquidsoap', '/butt'];
const LOGIN = { user: 'dj', password: 'hush: é' };
/** Five seconds: play-out has begun, and goes on. */
const CHUNKS_HEARD = 20;

let server: TestServer;
let stop: () => Promise<void> = () => Promise.resolve();
let hearing: Hearing | null = null;

beforeAll(async () => {
  const mounts = MOUNTS.map((path) => ({ path, sourceClient: LOGIN }));
  server = await startTestServer({
    config: { stations: [{ id: 'radio', name: 'Radio', mounts }], webrtc: { enabled: false } },
  });
});
afterEach(async () => {
  await hearing?.stop();
  hearing = null;
  await stop();
  stop = () => Promise.resolve();
  await waitFor('nobody is connected', () => server.liveSources.all().length === 0, 20_000);
});
afterAll(async () => {
  await server.stop();
});

/** By a listener's engine and by ffmpeg, at the same time. @param loudness 0 for silence. */
async function expectHeard(mount: string, codec: CodecName, loudness: number): Promise<Hearing> {
  await waitFor('it is on air', () => server.liveSources.get(mount)?.isOnAir === true, 30_000);
  const one = await hear(server.url, 'radio', mount);
  hearing = one;
  const [sound] = await Promise.all([
    ffmpegHears(`${server.url}${mount}`, 3),
    waitFor('a listener hears it', () => one.played.length >= CHUNKS_HEARD, 20_000),
  ]);
  expect(one.skippedCount()).toBe(0);
  expect(one.played.every(({ header }) => header.codec === codec)).toBe(true);
  expect(sound.seconds).toBeGreaterThan(2.5);
  expect(sound.loudness).toBeGreaterThanOrEqual(loudness);
  return one;
}

async function start(program: StartProgram, mount: string): Promise<SourceProgram> {
  const running = await program({ ...LOGIN, port: server.port, mount });
  stop = () => running.stop();
  return running;
}

describe('ffmpeg', () => {
  it.each<[CodecName]>([['mp3'], ['aac'], ['opus']])('sends %s by icecast://', async (codec) => {
    const password = encodeURIComponent(LOGIN.password);
    const source = startFfmpegSource({
      codec,
      target: `icecast://dj:${password}@127.0.0.1:${server.port}/${codec}`,
      title: 'Sodade é',
    });
    stop = () => source.stop();
    const heard = await expectHeard(`/${codec}`, codec, 0.02);
    if (codec === 'opus') expect(heard.titles().at(-1)?.title).toBe('Sodade é');
    expect(server.liveSources.get(`/${codec}`)).toMatchObject({ protocol: 'PUT', user: 'dj' });
  });
});

describe('programs of radios', () => {
  it('ezstream (libshout) sends MP3, and its titles come with their sound', async () => {
    await start(startEzstream, '/ezstream');
    const heard = await expectHeard('/ezstream', 'mp3', 0.02);
    await waitFor('the title is heard', () => heard.titles().at(-1)?.title === TAGS.title);
    expect(heard.titles().at(-1)?.artist).toBe(TAGS.artist);
    expect(server.liveSources.get('/ezstream')).toMatchObject({
      protocol: 'PUT',
      info: { name: 'Radio ez', genre: 'Morna' },
    });
  });

  it('ices2 sends Ogg Vorbis, with the titles in it', async () => {
    await start(startIces, '/ices');
    const heard = await expectHeard('/ices', 'vorbis', 0.02);
    expect(heard.titles().at(-1)).toMatchObject(TAGS);
    expect(server.liveSources.get('/ices')?.userAgent).toMatch(/^IceS 2/);
  });

  it('Liquidsoap sends MP3, and its titles come with their sound', async () => {
    await start(startLiquidsoap, '/liquidsoap');
    const heard = await expectHeard('/liquidsoap', 'mp3', 0.02);
    await waitFor('the title is heard', () => heard.titles().at(-1)?.title === TAGS.title);
    expect(server.liveSources.get('/liquidsoap')?.userAgent).toMatch(/^Liquidsoap/);
  });

  it('BUTT sends MP3, and its titles come with their sound', async () => {
    const butt = await start(startButt, '/butt');
    const heard = await expectHeard('/butt', 'mp3', 0);
    butt.setTitle(`${TAGS.artist} - ${TAGS.title}`);
    await waitFor('the title is heard', () => heard.titles().at(-1)?.title === TAGS.title, 20_000);
    expect(heard.titles().at(-1)?.artist).toBe(TAGS.artist);
    expect(server.liveSources.get('/butt')?.userAgent).toMatch(/^butt /);
  });
});

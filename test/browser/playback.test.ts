import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CODEC_NAMES } from '../../shared/codec/codec.ts';
import type { CodecName } from '../../shared/codec/codec.ts';
import { BROWSER_NAMES, launchBrowser } from '../support/browser.ts';
import { decodeAppends } from '../support/append-recorder.ts';
import { EPOCH_BASE, scriptChunks } from '../support/chunk-script.ts';
import { encodeTone } from '../support/encoded-sound.ts';
import { openListeningPage } from '../support/listening-page.ts';
import { buildScriptedPage } from '../support/page-build.ts';
import { startPageServer } from '../support/page-server.ts';
import type { Feed, PageServer } from '../support/page-server.ts';
import { startSoundMeter } from '../support/sound-meter.ts';

const BURST_MS = 3500;
const MISSING = 13;
/** A new MP3 encoder begins with its own delay, up to 50 ms of silence that is in the source. */
const QUIET_MAX_MS = 80;
/** The tones are at 0.05; silence is 0. */
const LOUDNESS_MIN = 0.02;

let server: PageServer;

beforeAll(async () => {
  server = await startPageServer({
    folder: await buildScriptedPage(),
    feeds: {
      ...Object.fromEntries(CODEC_NAMES.map((codec) => [codec, twoEpochs(codec)])),
      changing: changingCodecs(),
      outage: { ...oneTone('mp3', 40), outage: { fromMs: 5000, forMs: 4000 } },
      'long-outage': { ...oneTone('mp3', 40), outage: { fromMs: 5000, forMs: 9000 } },
    },
  });
});
afterAll(() => server.close());

function twoEpochs(codec: CodecName): Feed {
  const first = encodeTone(codec, 5, 440);
  const second = encodeTone(codec, 20, 660);
  const script = scriptChunks([
    { sound: first, titles: { 0: 'Un' }, missing: [MISSING] },
    { sound: second, titles: { 0: 'Deux' } },
  ]);
  return { config: first.config, script, burstMs: BURST_MS };
}

/** Raw, container, raw again, another container: every kind of change that a browser may have to make. */
function changingCodecs(): Feed {
  const sounds = (['mp3', 'opus', 'aac', 'vorbis'] as const).map((codec) => encodeTone(codec, 4, 440));
  const script = scriptChunks(sounds.map((sound) => ({ sound, titles: { 0: sound.config.codec } })));
  return { config: encodeTone('mp3', 1, 440).config, script, burstMs: BURST_MS };
}

function oneTone(codec: CodecName, seconds: number): Feed {
  const sound = encodeTone(codec, seconds, 440);
  return { config: sound.config, script: scriptChunks([{ sound, titles: { 0: 'Un' } }]), burstMs: BURST_MS };
}

describe.each(BROWSER_NAMES)('in %s', (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(name);
  });
  afterAll(() => browser.close());

  const open = (feed: string) => openListeningPage(browser, name, `${server.address}/?debug&feed=${feed}`);

  test.each(CODEC_NAMES)('%s plays without a stop over a lost chunk and into a new epoch', async (codec) => {
    const listening = await open(codec);
    await listening.click();
    await listening.until('the first sound', ({ position, title }) => position > 0 && title === 'Un');
    const readMeter = name === 'chromium' ? await startSoundMeter(listening.page) : null;
    const end = await listening.until(
      'sound of the second epoch',
      ({ title, position }) => title === 'Deux' && position > 6,
    );
    const heard = await readMeter?.();
    const decoded = await decodeAppends(listening.page);
    await listening.page.close();

    expect(listening.complaints).toEqual([]);
    expect(end.status).toBe('playing');
    expect(end.figures).toMatchObject({ stalls: 0, jumps: 0, chunksSkipped: 1 });
    expect(heard?.loudest ?? 1).toBeGreaterThan(LOUDNESS_MIN);
    expect(decoded).toHaveLength(1);
    expect(decoded[0]?.loudness).toBeGreaterThan(LOUDNESS_MIN);
    expect(decoded[0]?.quietMs).toBeLessThanOrEqual(QUIET_MAX_MS);
    expect(decoded[0]?.seconds).toBeCloseTo(end.bufferedEnd, 0);
    expect(Math.max(...(end.figures?.latenciesMs ?? [Infinity]))).toBeLessThan(3000);
    const numbers = end.played.filter(({ epoch }) => epoch === EPOCH_BASE).map(({ sequence }) => sequence);
    expect(numbers).toEqual(
      Array.from({ length: numbers.length + 1 }, (_, index) => index).filter((n) => n !== MISSING),
    );
    expect(end.played.every(({ digest }) => digest === null || /^[0-9a-f]{64}$/.test(digest))).toBe(true);
  });

  test('a station that changes its codec is heard on without a stop', async () => {
    const listening = await open('changing');
    await listening.click();
    await listening.until('the first sound', ({ position }) => position > 0);
    const readMeter = name === 'chromium' ? await startSoundMeter(listening.page) : null;
    const end = await listening.until(
      'the last codec',
      ({ title, position }) => title === 'vorbis' && position > 11.5,
    );
    const heard = await readMeter?.();
    const decoded = await decodeAppends(listening.page);
    await listening.page.close();
    expect(listening.complaints).toEqual([]);
    expect(end.figures).toMatchObject({ stalls: 0, jumps: 0 });
    expect(heard?.loudest ?? 1).toBeGreaterThan(LOUDNESS_MIN);
    expect(decoded).toHaveLength(4);
    for (const { loudness, quietMs } of decoded) {
      expect(loudness).toBeGreaterThan(LOUDNESS_MIN);
      expect(quietMs).toBeLessThanOrEqual(QUIET_MAX_MS);
    }
  });

  test('sound that ran out resumes by itself and catches up by a rate that is not heard', async () => {
    const listening = await open('outage');
    await listening.click();
    await listening.until('the first sound', ({ position }) => position > 0);
    await listening.until('the sound running out', ({ status }) => status === 'buffering');
    const back = await listening.until('the sound coming back', ({ status }) => status === 'playing');
    const later = await listening.until('catching up', ({ rate }) => rate > 1);
    await listening.page.close();
    expect(back.figures).toMatchObject({ stalls: 1, jumps: 0 });
    expect(later.rate).toBeLessThanOrEqual(1.03);
  });

  test('sound that stayed away for long is left behind: play-out jumps to the live edge', async () => {
    const listening = await open('long-outage');
    await listening.click();
    await listening.until('the first sound', ({ position }) => position > 0);
    const end = await listening.until(
      'the jump',
      ({ figures, status }) => figures?.jumps === 1 && status === 'playing',
    );
    await listening.until(
      'sound of now',
      ({ position, figures }) =>
        position > end.position + 1 && (figures?.latenciesMs.at(-1) ?? Infinity) < 3000,
    );
    await listening.page.close();
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlayerStatus } from '../../client/playback/player.ts';
import { fr } from '../../client/strings/fr.ts';
import { BROWSER_NAMES, launchBrowser } from '../support/browser.ts';
import { startCable } from '../support/cable.ts';
import type { Cable } from '../support/cable.ts';
import { startFfmpegSource } from '../support/ffmpeg.ts';
import { openListeningPage } from '../support/listening-page.ts';
import type { ListeningPage } from '../support/listening-page.ts';
import { buildPage } from '../support/page-build.ts';
import { recordStatuses, statusesOf } from '../support/page-statuses.ts';
import { playNothing } from '../support/page-states.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

/** Everything that may become of the sound, with a real server and the real listener: what is said, and how it ends. */
const PASSWORD = 'only-in-tests';
const BACK_MS_MAX = 40_000;

let pageFolder: string;
let dataFolder: string;
let cable: Cable;
let server: TestServer;

const start = (port = 0): Promise<TestServer> =>
  startTestServer({
    config: {
      stations: [
        {
          id: 'ressac',
          name: 'Radio Ressac',
          mounts: [
            { path: '/live.mp3', sources: ['demo'] },
            { path: '/studio.mp3', sourceClient: { password: PASSWORD } },
          ],
        },
      ],
      webrtc: { enabled: false },
      http: { port, publicUrl: cable.url },
      dataFolder,
    },
    parts: { pageFolder },
  });

beforeAll(async () => {
  pageFolder = await buildPage();
  dataFolder = await mkdtemp(join(tmpdir(), 'essaim-states-'));
  cable = await startCable(() => server.port);
  server = await start();
});
afterAll(async () => {
  await cable.close();
  await server.stop();
  await rm(dataFolder, { recursive: true });
});

describe.each(BROWSER_NAMES)('the page in %s', (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(name, { languages: 'fr-FR,fr' });
  });
  afterAll(() => browser.close());

  const open = (): Promise<ListeningPage> =>
    openListeningPage(browser, name, `${cable.url}/?debug`, recordStatuses);

  test('says that there is no network, and sounds again when there is, without being asked', async () => {
    const listening = await open();
    await listening.click();
    await heard(listening);
    await listening.page.setOfflineMode(true);
    cable.pull();
    const words = await seen(listening, 'offline');
    cable.plug();
    await listening.page.setOfflineMode(false);
    await heard(listening);
    const statuses = await statusesOf(listening.page);
    await listening.page.close();
    expect(words).toBe(fr.status.offline);
    expect(statuses.slice(0, 4)).toEqual(['idle', 'connecting', 'playing', 'offline']);
    expect(statuses.at(-1)).toBe('playing');
  });

  test('says that the station cannot be reached, and sounds again when it can, without being asked', async () => {
    const { port } = server;
    const listening = await open();
    await listening.click();
    await heard(listening);
    await server.stop();
    const waiting = await seen(listening, 'buffering');
    const lost = await seen(listening, 'unreachable');
    server = await start(port);
    await heard(listening);
    await listening.page.close();
    expect(waiting).toBe(fr.status.buffering);
    expect(lost).toBe(fr.status.unreachable);
  });

  test('says that the station is off air, before and after it was heard, and sounds when it sends', async () => {
    const listening = await open();
    const { page } = listening;
    await page.click('#settings');
    await page.waitForSelector('#quality');
    await page.select('#quality', '/studio.mp3');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog[open]', { hidden: true });
    await listening.click();
    const before = await seen(listening, 'silent');
    const target = `icecast://source:${PASSWORD}@127.0.0.1:${server.port}/studio.mp3`;
    const onAir = startFfmpegSource({ codec: 'mp3', target });
    await heard(listening);
    await onAir.stop();
    const after = await seen(listening, 'silent');
    const again = startFfmpegSource({ codec: 'mp3', target });
    await heard(listening);
    await again.stop();
    await page.evaluate(() => localStorage.clear());
    await page.close();
    expect([before, after]).toEqual([fr.status.silent, fr.status.silent]);
  });

  test('says at once that a browser without MediaSource and MP3 cannot play the station, and asks for no sound', async () => {
    const asked: string[] = [];
    const listening = await openListeningPage(browser, name, `${cable.url}/?debug`, async (page) => {
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.evaluateOnNewDocument(playNothing);
    });
    await listening.click();
    const words = await seen(listening, 'unsupported');
    const button = await listening.page.$eval('#listen', ({ textContent }) => textContent);
    await listening.page.close();
    expect(words).toBe(fr.status.unsupported);
    expect(button).toBe(fr.player.listen);
    expect(asked.filter((path) => path.endsWith('.mp3') || path.startsWith('/api/mounts'))).toEqual([]);
  });

  test('plays the plain stream where there is no MediaSource, and says nothing of it', async () => {
    const listening = await openListeningPage(browser, name, `${cable.url}/?debug`, (page) =>
      page.evaluateOnNewDocument(() => {
        Reflect.deleteProperty(globalThis, 'MediaSource');
        Reflect.deleteProperty(globalThis, 'ManagedMediaSource');
      }),
    );
    await listening.click();
    await heard(listening);
    const from = await listening.page.$eval('#audio', (audio) => audio.getAttribute('src'));
    const words = await seen(listening, 'playing');
    await listening.page.close();
    expect(from).toBe(`${cable.url}/live.mp3`);
    expect(words).toBe(fr.status.playing);
  });

  test('asks for a click where the browser wants one, and then plays', async () => {
    // Whatever a test runs in the page counts as a person's doing, there and on the same site's next pages: so this
    // page is the first of its browser, clicks by itself, and tells its state unasked.
    const own = await launchBrowser(name, { languages: 'fr-FR,fr' });
    const page = await own.newPage();
    const blocked = new Promise<void>((resolve) => {
      page.on('console', (message) => {
        if (message.text() === 'status blocked') resolve();
      });
    });
    await page.evaluateOnNewDocument(() => {
      addEventListener('load', () => {
        new MutationObserver(() => {
          globalThis.console.log(`status ${document.body.dataset['status'] ?? ''}`);
        }).observe(document.body, { attributeFilter: ['data-status'] });
        const timer = setInterval(() => {
          const button = document.querySelector<HTMLButtonElement>('#listen:not([disabled])');
          if (button === null) return;
          clearInterval(timer);
          button.click();
        }, 20);
      });
    });
    await page.goto(`${cable.url}/?debug`);
    await blocked;
    const words = await page.evaluate(() => document.getElementById('status')?.textContent);
    await page.evaluate(() => {
      const audio = document.querySelector('audio');
      if (audio !== null) audio.volume = 0;
    });
    await (await page.waitForSelector('#listen:not([disabled])'))?.click();
    await page.waitForSelector('body[data-status="playing"]');
    await own.close();
    expect(words).toBe(fr.status.blocked);
  });
});

test('gives who has no scripts a player of the browser’s own, and the address of the stream', async () => {
  const browser = await launchBrowser('chromium');
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(false);
  await page.goto(cable.url);
  const player = await page.$eval('noscript audio[controls]', (audio) => audio.getAttribute('src'));
  const link = await page.$eval('noscript a', (each) => [each.getAttribute('href'), each.textContent]);
  await browser.close();
  const address = `${cable.url}/live.mp3`;
  expect(player).toBe(address);
  expect(link).toEqual([address, address]);
  const stream = await fetch(address);
  expect(stream.headers.get('content-type')).toBe('audio/mpeg');
  await stream.body?.cancel();
});

/** @returns the words that the page has for it. */
async function seen(listening: ListeningPage, expected: PlayerStatus): Promise<string> {
  await listening.until(expected, ({ status }) => status === expected, BACK_MS_MAX);
  return listening.page.$eval('#status', ({ textContent }) => textContent ?? '');
}

async function heard(listening: ListeningPage): Promise<void> {
  const { position } = await listening.state();
  await listening.until(
    'sound',
    (now) => now.status === 'playing' && now.position > position + 1,
    BACK_MS_MAX,
  );
}

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser, waitInPage } from '../support/browser.ts';
import { freePort } from '../support/icecast.ts';
import { openListeningPage } from '../support/listening-page.ts';
import { startTestRelay } from '../support/public-relay.ts';
import { describeAt } from '../support/relay-scene.ts';
import { startTestServer } from '../support/server.ts';
import { pollUntil } from '../support/swarm-poll.ts';
import { startSwarmProxy } from '../support/swarm-proxy.ts';

const BUILT = new URL('../../dist/client', import.meta.url).pathname;

let browser: Browser;
let stops: (() => Promise<unknown>)[];
beforeEach(async () => {
  browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
  stops = [() => browser.close()];
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
});

/** Everything that is needed to open and to play is kept. */
const untilKept = (page: Page): Promise<void> =>
  waitInPage(page, 'the page is kept', async () => {
    const kept = await (await caches.open('essaim-page')).keys();
    const paths = kept.map(({ url }) => new URL(url).pathname);
    return (
      navigator.serviceWorker.controller !== null &&
      ['/', '/assets/listener-', '/assets/index-', '/assets/fr-', '/stations/demo/look-'].every((start) =>
        paths.some((path) => (start === '/' ? path === '/' : path.startsWith(start))),
      )
    );
  });

describe('the page while the station’s server is away', () => {
  test('opens as it was kept, and plays through a relay that it knew', async () => {
    // The station's page is behind a proxy, which goes away; the relay has the sound from the server behind it.
    const port = await freePort();
    const proxy = await startSwarmProxy(port);
    const origin = await startTestServer({
      config: { http: { port, publicUrl: proxy.url }, webrtc: { enabled: false } },
    });
    stops.push(() => origin.stop());
    const stationKey = origin.stations[0]?.publicKeyText ?? '';
    const relay = await startTestRelay({ stationKey, upstreams: [`http://127.0.0.1:${port}`] });
    stops.push(() => relay.stop());
    await pollUntil('listeners are told of the relay', 30_000, async () =>
      (await describeAt(proxy.url)).edges.includes(relay.url),
    );

    const listening = await openListeningPage(browser, 'chromium', `${proxy.url}/?debug`);
    const { page } = listening;
    await untilKept(page);
    await proxy.stop();
    await page.reload();
    await page.waitForSelector('#listen:not([disabled])');
    const key = await page.$eval('#essaim-station', (data) => {
      const parsed: unknown = JSON.parse(data.textContent ?? '');
      return JSON.stringify(parsed).match(/"publicKey":"([\w-]+)"/)?.[1];
    });
    expect(key).toBe(stationKey);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await listening.click();
    await listening.until('sound', ({ status, position }) => status === 'playing' && position > 2, 60_000);
    expect(asked).toContain(relay.url);
    expect(await page.$eval('.logo, h1', (shown) => shown.checkVisibility())).toBe(true);
  });

  test('does not hold back a new build, nor a station that says something new', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'essaim-build-'));
    stops.push(() => rm(folder, { recursive: true }));
    await cp(BUILT, folder, { recursive: true });
    const server = await startTestServer({
      config: { webrtc: { enabled: false } },
      parts: { pageFolder: folder },
    });
    stops.push(() => server.stop());
    const { page } = await openListeningPage(browser, 'chromium', `${server.url}/?debug`);
    await untilKept(page);
    const index = join(folder, 'index.html');
    const html = await readFile(index, 'utf8');
    await writeFile(index, html.replace('</head>', '<meta name="build" content="new"></head>'));
    await page.reload();
    expect(await page.$$eval('meta[name="build"]', (all) => all.length)).toBe(1);
    expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  });
});

describe('the page as an app', () => {
  test('can be installed', async () => {
    const server = await startTestServer({ config: { webrtc: { enabled: false } } });
    stops.push(() => server.stop());
    const { page } = await openListeningPage(browser, 'chromium', `${server.url}/?debug`);
    await untilKept(page);
    const devtools = await page.createCDPSession();
    const manifest = await devtools.send('Page.getAppManifest');
    expect(manifest.errors).toEqual([]);
    expect(manifest.url).toBe(`${server.url}/stations/demo/app.webmanifest`);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    // Tests' browsers begin without a profile, as a private window does.
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
  });

  test('is an ordinary page where the connection is not safe', async () => {
    const server = await startTestServer({
      config: { http: { host: '0.0.0.0' }, webrtc: { enabled: false } },
    });
    stops.push(() => server.stop());
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`http://10.77.0.1:${server.port}/`);
    await (await page.waitForSelector('#listen:not([disabled])'))?.click();
    await page.waitForFunction(() => (document.querySelector('audio')?.currentTime ?? 0) > 1);
    expect(await page.evaluate(() => isSecureContext || 'serviceWorker' in navigator)).toBe(false);
    expect(complaints).toEqual([]);
  });
});

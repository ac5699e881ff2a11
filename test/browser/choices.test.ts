import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fr } from '../../client/strings/fr.ts';
import { elementSnippet } from '../../shared/embed/snippet.ts';
import { launchBrowser, waitInPage } from '../support/browser.ts';
import { openListeningPage } from '../support/listening-page.ts';
import type { ListeningPage } from '../support/listening-page.ts';
import { startPartnerSite } from '../support/partner-site.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { pollUntil } from '../support/swarm-poll.ts';
import { openWidgetPage } from '../support/widget-page.ts';

let server: TestServer;
let browser: Browser;
let closes: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const mounts = ['/live.mp3', '/small.mp3'].map((path) => ({ path, sources: ['demo'], bitrateKbps: 128 }));
  server = await startTestServer({
    config: { stations: [{ id: 'demo', name: 'Demo', mounts }], webrtc: { enabled: false } },
  });
  browser = await launchBrowser('chromium', { languages: 'fr-FR,fr', manyTabs: true });
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(async () => {
  await Promise.all(closes.map((close) => close()));
  closes = [];
});

/** A visitor of their own: what another has chosen is not known there. */
async function visit(): Promise<ListeningPage> {
  const context = await browser.createBrowserContext();
  closes.push(() => context.close());
  return openListeningPage(context, 'chromium', `${server.url}/?debug`);
}

async function reload({ page }: ListeningPage): Promise<void> {
  await page.reload();
  await page.waitForSelector('#listen:not([disabled])');
}

const untilPlaying = (listening: ListeningPage, seconds = 1) =>
  listening.until('sound', ({ status, position }) => status === 'playing' && position > seconds, 30_000);

describe('a widget', () => {
  test('rests from relaying where the browser saves data, and says so', async () => {
    const site = await startPartnerSite();
    closes.push(() => site.close());
    const publicKey = server.stations[0]?.publicKeyText ?? '';
    const target = { publicUrl: server.url, station: { id: 'demo', name: 'Demo', publicKey } };
    site.put('/', { body: elementSnippet(target) });
    const context = await browser.createBrowserContext();
    closes.push(() => context.close());
    const widget = await openWidgetPage(context, `${site.origin}/`);
    await widget.page.evaluateOnNewDocument(() => {
      Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
    });
    await widget.page.reload();
    await widget.until('the station', ({ status }) => status === 'idle');
    await widget.press(fr.player.listenAndRelay);
    await widget.until('the reason', ({ text }) => text.includes(fr.relaying.restsForDataSaver));
  });
});

describe('what a listener has chosen', () => {
  test('is remembered: the volume, and that it is muted', async () => {
    const own = await visit();
    await own.page.$eval('#volume', (slider) => {
      if (!(slider instanceof HTMLInputElement)) return;
      slider.value = '0.4';
      slider.dispatchEvent(new Event('input'));
    });
    await own.page.click('#mute');
    await reload(own);
    const heard = await own.page.$eval('audio', ({ volume, muted }) => ({ volume, muted }));
    expect(heard).toEqual({ volume: 0.4, muted: true });
    await own.page.click('#mute');
    expect(await own.page.$eval('audio', ({ muted }) => muted)).toBe(false);
  });

  test('is the quality: another mount plays at once, and again at the next visit', async () => {
    const own = await visit();
    const asked: string[] = [];
    own.page.on('request', (request) => asked.push(request.url()));
    await own.page.click('#just-listen');
    await untilPlaying(own);
    const small = server.stations[0]?.mounts[1]?.id ?? '';
    expect(asked.some((url) => url.includes(small))).toBe(false);
    await own.page.click('#settings');
    await own.page.waitForSelector('#quality');
    await own.page.select('#quality', '/small.mp3');
    await own.page.keyboard.press('Escape');
    await pollUntil('the other mount is asked for', 10_000, () => asked.some((url) => url.includes(small)));
    await untilPlaying(own);
    await reload(own);
    asked.length = 0;
    await own.click();
    await untilPlaying(own);
    expect(asked.filter((url) => url.includes('/api/mounts/')).every((url) => url.includes(small))).toBe(
      true,
    );
  });

  test('is when the sound shall stop', async () => {
    const own = await visit();
    await own.page.click('#sleep-timer');
    await own.page.waitForSelector('#sleep');
    await own.page.select('#sleep', '20');
    await waitInPage(own.page, 'what is left is said', () =>
      Array.from(document.querySelectorAll('dialog[open] [role="status"]')).some((each) =>
        /20\s/.test(each.textContent ?? ''),
      ),
    );
    expect(await own.page.$eval('#sleep-timer', (button) => button.getAttribute('aria-pressed'))).toBe(
      'true',
    );
    await own.page.select('#sleep', '');
    expect(await own.page.$eval('#sleep-timer', (button) => button.getAttribute('aria-pressed'))).toBe(
      'false',
    );
  });

  test('is to share the page: its address without what is ours, by the system’s sheet', async () => {
    const own = await visit();
    await own.page.evaluate(() => {
      navigator.share = async (data) => {
        Reflect.set(globalThis, 'shared', data);
      };
    });
    await own.page.click('#share');
    expect(await own.page.evaluate((): unknown => Reflect.get(globalThis, 'shared'))).toEqual({
      title: 'Demo',
      url: `${server.url}/`,
    });
  });
});

describe('the station’s page and a player in another tab of its site', () => {
  test('do not both play: each takes over when it is told to, and the other offers to', async () => {
    const context = await browser.createBrowserContext();
    closes.push(() => context.close());
    const own = await openListeningPage(context, 'chromium', `${server.url}/?debug`);
    await own.page.click('#just-listen');
    await untilPlaying(own);
    const widget = await openWidgetPage(context, `${server.url}/embed/demo`);
    await widget.until('the station', ({ status }) => status === 'idle');
    await widget.press(fr.player.listen);
    await widget.until(
      'the word',
      ({ status, text }) => status === 'elsewhere' && text.includes(fr.widget.elsewhere),
    );
    expect((await own.state()).status).toBe('playing');

    await widget.press(fr.widget.playHere);
    await widget.until('sound', ({ status }) => status === 'playing');
    await own.until('silence here', ({ status }) => status === 'idle');

    await own.page.bringToFront();
    await own.click();
    await untilPlaying(own);
    await widget.until('the offer', ({ status }) => status === 'elsewhere');

    // A second tab of the page is another listener.
    const second = await openListeningPage(context, 'chromium', `${server.url}/?debug`);
    await second.click();
    await untilPlaying(second);
    expect((await own.state()).status).toBe('playing');
    for (const each of [own, second]) {
      await each.page.bringToFront();
      await each.click();
      await each.until('the pause', ({ status }) => status === 'paused');
    }
    await widget.until('its turn', ({ status }) => status === 'idle');
  });
});

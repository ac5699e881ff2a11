import type { Browser, Frame, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elementSnippet, frameSnippet } from '../../shared/embed/snippet.ts';
import { BROWSER_NAMES, launchBrowser } from '../support/browser.ts';
import { buildPage } from '../support/page-build.ts';
import { startPartnerSite } from '../support/partner-site.ts';
import type { PartnerSite } from '../support/partner-site.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { waitInPlayer } from '../support/widget-page.ts';

/** Whom each of our pages asks for anything, from its first moment until a while after the first sound. */
const SOUND_S = 2;

let server: TestServer;
let site: PartnerSite;

beforeAll(async () => {
  server = await startTestServer({
    config: {
      stations: [{ id: 'ressac', name: 'Radio Ressac', mounts: [{ path: '/live.mp3', sources: ['demo'] }] }],
      webrtc: { enabled: false },
    },
    parts: { pageFolder: await buildPage() },
  });
  site = await startPartnerSite();
  const publicKey = server.stations[0]?.publicKeyText ?? '';
  const target = { publicUrl: server.url, station: { id: 'ressac', name: 'Radio Ressac', publicKey } };
  site.put('/element', { body: elementSnippet(target) });
  site.put('/frame', { body: frameSnippet(target) });
});
afterAll(async () => {
  await site.close();
  await server.stop();
});

interface Place {
  readonly name: string;
  readonly address: () => string;
  /** Where the player is that is clicked, and what says that it plays. */
  readonly start: (page: Page) => Promise<void>;
}

const startPlayer = async (place: Page | Frame): Promise<void> => {
  await (await waitInPlayer(place, '.start:not([hidden])')).click();
  await waitInPlayer(place, '[data-status="playing"]');
};

const PLACES: readonly Place[] = [
  {
    name: 'the page',
    address: () => `${server.url}/`,
    start: async (page) => {
      await (await page.waitForSelector('#listen:not([disabled])'))?.click();
      await page.waitForFunction(
        (seconds) => (document.querySelector('audio')?.currentTime ?? 0) > seconds,
        {},
        SOUND_S,
      );
    },
  },
  { name: 'the element on another site', address: () => `${site.origin}/element`, start: startPlayer },
  {
    name: 'the frame on another site',
    address: () => `${site.origin}/frame`,
    start: async (page) => {
      const frame = await page.waitForFrame((each) => each.url().includes('/embed/'));
      await startPlayer(frame);
    },
  },
  { name: 'the builder', address: () => `${server.url}/embed`, start: startPlayer },
];

describe.each(BROWSER_NAMES)('in %s', (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(name);
  });
  afterAll(() => browser.close());

  test.each(PLACES)(
    '$name asks nobody but the station for anything, and leaves no cookie',
    async ({ address, start }) => {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      // Firefox without a sound device stops at the first sample that is not silent.
      if (name === 'firefox')
        await page.evaluateOnNewDocument(() => localStorage.setItem('essaim.volume', '0'));
      await page.goto(address());
      await start(page);
      const stored = await context.cookies();
      await context.close();
      const ours = [`${server.url}/`, `${site.origin}/`, 'blob:', 'data:'];
      expect(asked.filter((url) => !ours.some((own) => url.startsWith(own)))).toEqual([]);
      expect(asked.some((url) => url.includes('/api/mounts/'))).toBe(true);
      expect(stored).toEqual([]);
    },
  );
});

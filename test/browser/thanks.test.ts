import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fr } from '../../client/strings/fr.ts';
import { launchBrowser } from '../support/browser.ts';
import { startTestRelay } from '../support/public-relay.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { pollUntil } from '../support/swarm-poll.ts';

const ARTEFACTS = new URL('../artefacts/page/', import.meta.url).pathname;

const station = (id: string): object => ({
  id,
  name: `Radio ${id}`,
  mounts: [{ path: `/${id}.mp3`, sources: ['demo'] }],
});

let browser: Browser;
let server: TestServer;
beforeAll(async () => {
  await mkdir(ARTEFACTS, { recursive: true });
  server = await startTestServer({
    config: { stations: [station('ressac'), station('plain')], webrtc: { enabled: false } },
  });
  browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

interface Asking {
  readonly page: Page;
  readonly asked: readonly string[];
}

async function open(path: string): Promise<Asking> {
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(server.url + path);
  await page.waitForSelector('#listen:not([disabled])');
  return { page, asked };
}

const thanked = ({ page }: Asking): Promise<readonly string[]> =>
  page.$$eval('dialog[open] .thanks li, dialog[open] .thanks-title', (all) =>
    all.filter((each) => each.checkVisibility()).map((each) => each.textContent ?? ''),
  );

test('relays that want to be named are thanked, by their station, when somebody looks', async () => {
  const relay = await startTestRelay({
    stationKey: server.stations[0]?.publicKeyText ?? '',
    upstreams: [server.url.replace('localhost', '127.0.0.1')],
    nickname: 'Mireille & Tom',
  });
  try {
    await pollUntil('the relay is known', 20_000, async () =>
      (await (await fetch(`${server.url}/api/relays`)).text()).includes('Mireille'),
    );
    const own = await open('/');
    expect(own.asked).not.toContain('/api/relays');
    await own.page.click('#settings');
    await pollUntil('the thanks', 10_000, async () => (await thanked(own)).length === 2);
    const [title, line] = await thanked(own);
    expect(title).toBe(fr.settings.thanks);
    expect(line).toMatch(/^Mireille & Tom\d+\sMo ce mois-ci$/);
    await own.page.setViewport({ width: 390, height: 844 });
    await own.page.screenshot({ path: `${ARTEFACTS}390-thanks.png` });

    const other = await open('/plain');
    await other.page.click('#settings');
    await pollUntil('the question', 10_000, () => other.asked.includes('/api/relays'));
    await other.page.waitForSelector('dialog[open] #language');
    expect(await thanked(other)).toEqual([]);
    await Promise.all([own.page.close(), other.page.close()]);
  } finally {
    await relay.stop();
  }
});

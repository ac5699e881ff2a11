import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import { BROWSER_NAMES, launchBrowser } from '../support/browser.ts';
import type { BrowserName } from '../support/browser.ts';
import { linksAfterSwitch, linksOf, watchLinks } from '../support/link-watch.ts';
import { buildPage } from '../support/page-build.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { startNodeListeners } from '../support/swarm-node-listeners.ts';
import type { NodeListeners } from '../support/swarm-node-listeners.ts';
import { recordOrigin } from '../support/swarm-origin.ts';
import type { OriginRecord } from '../support/swarm-origin.ts';
import { pollUntil } from '../support/swarm-poll.ts';
import { openSwarmTab } from '../support/swarm-tab.ts';
import type { SwarmTab, SwarmTabOptions, TabState } from '../support/swarm-tab.ts';
import { playFaults } from '../support/swarm.ts';

/** What the choice to relay does, in a real swarm: the demo station, and others who relay over real WebRTC. */
const OTHERS = 5;
/** Room for two stripes each: they need what a newcomer can give. */
const OTHERS_UPLOAD_KBPS = 80;
/** Whoever would connect has done so by then: a good ten seconds. */
const CHUNKS_WAITED = 40;
/** A playhead that stands still for longer is heard to stop. */
const STANDSTILL_MS_MAX = 300;
const MOUNT = '/live.mp3';

let server: TestServer;
let others: NodeListeners;
let origin: OriginRecord;

beforeAll(async () => {
  server = await startTestServer({
    config: { webrtc: { enabled: false } },
    parts: { pageFolder: await buildPage() },
  });
  const stationUrl = `${server.url}/api/stations/demo`;
  const { mounts } = stationDescriptionSchema.parse(await (await fetch(stationUrl)).json());
  origin = await recordOrigin(`${server.url}/api/mounts/${mounts[0]?.id ?? ''}`);
  others = startNodeListeners(stationUrl, MOUNT, OTHERS_UPLOAD_KBPS);
  await others.add(OTHERS);
});
afterAll(async () => {
  origin.close();
  await others.stop();
  await server.stop();
});

describe.each(BROWSER_NAMES)('the page in %s', (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(name, { manyTabs: true });
  });
  afterAll(() => browser.close());

  test('just listening never opens a connection to anybody, nor is named to anybody', async () => {
    const tab = await open(browser, name, '#just-listen');
    await hears(tab, CHUNKS_WAITED);
    const { snapshot } = await tab.state();
    expect(await linksOf(tab.listening.page)).toEqual({ made: 0, open: 0 });
    expect(snapshot?.neighbours).toEqual([]);
    expect(snapshot?.counters.chunkBytesFromPeers).toBe(0);
    await expectNoGap(tab);
    await tab.close();
  });

  test('relaying ends at once when it is switched off while it plays, begins again, and nobody hears it', async () => {
    const tab = await open(browser, name, '#listen');
    const { page } = tab.listening;
    for (const turn of ['first', 'second']) {
      await takesPart(tab, `${turn} time`);
      const before = await linksOf(page);
      expect(before.open).toBeGreaterThan(0);
      const after = await linksAfterSwitch(page);
      expect(after, turn).toEqual({ made: before.made, open: 0 });
      const { snapshot: off } = await tab.state();
      await hears(tab, CHUNKS_WAITED);
      const { snapshot: later } = await tab.state();
      expect(await linksOf(page), turn).toEqual(after);
      expect(later?.neighbours).toEqual([]);
      expect(later?.counters.chunkBytesFromPeers).toBe(off?.counters.chunkBytesFromPeers);
      expect(later?.counters.chunkBytesToPeers).toBe(off?.counters.chunkBytesToPeers);
      await page.click('#relay');
    }
    await takesPart(tab, 'third time');
    await expectNoGap(tab);
    await tab.close();
  });
});

type Button = NonNullable<SwarmTabOptions['button']>;

/** As somebody who has never been here. */
async function open(browser: Browser, name: BrowserName, button: Button): Promise<SwarmTab> {
  const context = await browser.createBrowserContext();
  const tab = await openSwarmTab(context, name, name, server.url, MOUNT, { button, prepare: watchLinks });
  await tab.waitForFirstSound();
  // Until then there was nothing to stand still.
  await tab.longestStandstillMs();
  return tab;
}

async function hears(tab: SwarmTab, chunks: number): Promise<void> {
  const { played } = await tab.state();
  await pollUntil(
    `${tab.name} hears ${chunks} more chunks`,
    chunks * 1000,
    async () => (await tab.state()).played.length >= played.length + chunks,
  );
}

/** Sound comes from others, and goes to others. */
async function takesPart(tab: SwarmTab, when: string): Promise<void> {
  const counters = async (): Promise<TabState> => tab.state();
  const start = (await counters()).snapshot?.counters;
  await pollUntil(
    `${tab.name} takes and gives, the ${when}`,
    60_000,
    async () => {
      const now = (await counters()).snapshot?.counters;
      return (
        now !== undefined &&
        now.chunkBytesFromPeers > (start?.chunkBytesFromPeers ?? 0) &&
        now.chunkBytesToPeers > (start?.chunkBytesToPeers ?? 0)
      );
    },
    async () => JSON.stringify((await tab.state()).snapshot),
  );
}

/** Every chunk was played in its turn and in time, as the station signed it. */
async function expectNoGap(tab: SwarmTab): Promise<void> {
  const { status, figures, snapshot, played } = await tab.state();
  expect({ status, ...figures }).toMatchObject({ status: 'playing', stalls: 0, jumps: 0, chunksSkipped: 0 });
  if (snapshot === null) throw new Error('Cannot look at a listener that is none');
  expect(snapshot.counters.chunksInTime).toBe(snapshot.counters.chunksDue);
  expect(playFaults([{ name: tab.name, snapshot, played, tampering: null, tab }], origin)).toEqual([]);
  expect(await tab.longestStandstillMs()).toBeLessThan(STANDSTILL_MS_MAX);
}

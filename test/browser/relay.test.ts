import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'puppeteer-core';
import { launchBrowser } from '../support/browser.ts';
import { makeOrigin, startRelay } from '../support/relay-stage.ts';
import type { OriginProcess, RelayProcess } from '../support/relay-stage.ts';
import { pollUntil } from '../support/swarm-poll.ts';
import { openSwarmTab } from '../support/swarm-tab.ts';
import type { SwarmTab } from '../support/swarm-tab.ts';

let origin: OriginProcess;
let browser: Browser;
let relay: RelayProcess;
let tab: SwarmTab;
const state = mkdtempSync(join(tmpdir(), 'essaim-relay-'));

beforeAll(async () => {
  origin = await makeOrigin();
  await origin.start();
  browser = await launchBrowser('chromium');
});
afterAll(async () => {
  await relay?.end('SIGTERM');
  await browser?.close();
  await origin?.stop();
  rmSync(state, { recursive: true, force: true });
});

test('a tab that listens is served by a relay soon after its start, and hears nothing of its end', async () => {
  tab = await openSwarmTab(browser, 'chromium', 'tab', origin.url, '/live.mp3');
  await tab.waitForFirstSound();
  const startedAt = performance.now();
  relay = startRelay([origin.url, '--upload', '20mbit', '--state', state]);
  await relay.until('the relay serves the tab', ({ listeners }) => listeners === 1);
  process.stdout.write(
    `a tab served ${Math.round(performance.now() - startedAt)} ms after the relay's start\n`,
  );
  await pollUntil('the tab hears by the relay alone', 30_000, async () => {
    const { snapshot } = await tab.state();
    return snapshot !== null && snapshot.parents.every((parent) => parent !== null && parent !== 'edge');
  });
  const before = (await tab.state()).snapshot?.counters.chunkBytesFromPeers ?? 0;
  await pollUntil('more sound comes by the relay', 30_000, async () => {
    const { snapshot } = await tab.state();
    return (snapshot?.counters.chunkBytesFromPeers ?? 0) > before + 30_000;
  });
  const position = (await tab.state()).position;
  expect(await relay.end('SIGTERM')).toBe(0);
  await pollUntil('the tab plays on', 30_000, async () => (await tab.state()).position > position + 6);
  const { status, figures } = await tab.state();
  expect({ status, ...figures }).toMatchObject({ status: 'playing', stalls: 0, jumps: 0, chunksSkipped: 0 });
  expect(tab.listening.complaints).toEqual([]);
});

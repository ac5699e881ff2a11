import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { silentLog } from '../../server/log.ts';
import { KeyPins } from '../../server/relay/key-pins.ts';
import { localTimeIn } from '../../server/relay/local-time.ts';
import { readRelayCommandLine } from '../../server/relay/relay-command-line.ts';
import { openRelayIdentity } from '../../server/relay/relay-identity.ts';
import { Relay } from '../../server/relay/relay.ts';
import { lookUpStation } from '../../server/relay/station-lookup.ts';
import { UsageStore } from '../../server/relay/usage-store.ts';
import { freePort } from '../support/icecast.ts';
import { hearOn, missedBy } from '../support/relay-crowd.ts';
import { makeOrigin, startRelay } from '../support/relay-stage.ts';
import type { OriginProcess, RelayProcess } from '../support/relay-stage.ts';
import { startNodeListeners } from '../support/swarm-node-listeners.ts';
import type { NodeListeners } from '../support/swarm-node-listeners.ts';
import { waitFor } from '../support/wait-for.ts';

let origin: OriginProcess;
let folder = '';
const relays: RelayProcess[] = [];
const crowds: NodeListeners[] = [];

beforeAll(async () => {
  origin = await makeOrigin();
  await origin.start();
});
afterAll(async () => {
  await origin.stop();
  closeNodeEnvironment();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-relay-'));
});
afterEach(async () => {
  for (const relay of relays) relay.signal('SIGCONT');
  await Promise.all([
    ...crowds.splice(0).map((crowd) => crowd.stop()),
    ...relays.splice(0).map((relay) => relay.end('SIGKILL')),
  ]);
  rmSync(folder, { recursive: true, force: true });
});

function relay(...args: string[]): RelayProcess {
  const started = startRelay([origin.url, '--upload', '20mbit', '--state', folder, ...args]);
  relays.push(started);
  return started;
}

async function listeners(count: number): Promise<NodeListeners> {
  const crowd = startNodeListeners(`${origin.url}/api/stations/demo`, '/live.mp3');
  crowds.push(crowd);
  await crowd.add(count);
  return crowd;
}

describe('a second relay in the same state folder', () => {
  it('is refused, and the first goes on; after a crash of the first it may start', async () => {
    const first = relay();
    await first.until('it relays', ({ state }) => state === 'serving');
    const second = relay();
    expect(await second.exit()).toBe(78);
    expect(second.errors()).toBe(
      `Cannot start as another relay runs with the same state folder: current value is ${folder}\n` +
        'One is enough for a station. If a second one is meant, give it a folder of its own: --state DIR\n',
    );
    expect(second.status()).toBeNull();
    const elsewhere = relay('--state', join(folder, 'another'));
    await elsewhere.until('it relays', ({ state }) => state === 'serving');
    expect(first.status()?.state).toBe('serving');
    await first.end('SIGKILL');
    await relay().until('it relays', ({ state }) => state === 'serving');
  });
});

describe('a relay that the station has not listed', () => {
  it('says why and gives its key, at home and with a public address; serves once it is listed', async () => {
    await origin.kill();
    origin.configure({ relays: { allow: 'listed', listed: [] } });
    await origin.start();
    const port = String(await freePort());
    const publicUrl = `http://127.0.0.1:${port}`;
    const home = relay('--state', join(folder, 'home'));
    const flags = ['--public-url', publicUrl, '--port', port, '--host', '127.0.0.1'];
    const open = relay('--state', join(folder, 'open'), ...flags);
    const resting = await home.until('it rests', ({ state }) => state === 'resting');
    expect(resting.detail).toContain(`the station says no: The station takes only relays that it knows`);
    expect(resting.detail).toContain(resting.relayKey);
    expect(resting.mounts).toEqual([]);
    const told = await open.until('it is told why', ({ detail, relayKey }) => detail.includes(relayKey));
    expect(home.errors()).toContain(resting.relayKey);
    expect(open.errors()).toContain(told.relayKey);
    await origin.kill();
    origin.configure({ relays: { allow: 'listed', listed: [resting.relayKey, told.relayKey] } });
    await origin.start();
    await home.until('it relays', ({ state, detail }) => state === 'serving' && detail === '');
    await open.until('it is offered', ({ detail }) => detail === '');
  });

  it('says so where the station takes none', async () => {
    await origin.kill();
    origin.configure({ relays: { allow: 'none' } });
    await origin.start();
    const home = relay();
    const { detail } = await home.until('it rests', ({ state }) => state === 'resting');
    expect(detail).toBe('the station says no: The station takes no relays');
    await origin.kill();
    origin.configure({});
    await origin.start();
  });
});

describe('a relay at home', () => {
  it('serves at most --listeners-max, is not missed while it sleeps, and serves again when it wakes', async () => {
    const running = relay('--listeners-max', '2');
    await running.until('it relays', ({ state }) => state === 'serving');
    const crowd = await listeners(5);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, running.status()?.listeners ?? 0);
    }, 50);
    await running.until('it serves two', (status) => status.listeners === 2);
    await hearOn(crowd, 16);
    running.signal('SIGSTOP');
    // Longer than what counts as sleep: 15 s.
    await hearOn(crowd, 72);
    expect(await missedBy(crowd)).toBe(0);
    const sentBefore = running.status()?.sentBytes ?? 0;
    running.signal('SIGCONT');
    await running.until(
      'it serves again',
      ({ state, listeners, sentBytes }) =>
        state === 'serving' && listeners > 0 && sentBytes > sentBefore + 100_000,
      60_000,
    );
    expect(running.errors()).toContain('the machine was away for');
    await hearOn(crowd, 8);
    clearInterval(watch);
    expect(await missedBy(crowd)).toBe(0);
    expect(most).toBe(2);
  });

  it('keeps to its ceiling and its hours by the clock on the wall, and nobody misses anything', async () => {
    const ceilingBytes = 300_000_000;
    let time = Date.parse('2026-11-30T22:50:00+01:00');
    const usage = {
      month: '2026-11',
      monthBytes: 296_600_000,
      day: '2026-11-29',
      dayBytes: 0,
      totalBytes: 296_600_000,
    };
    writeFileSync(join(folder, 'usage.json'), JSON.stringify(usage));
    const flags = [
      '--upload',
      '20mbit',
      '--monthly',
      '300mb',
      '--schedule',
      '08:00-23:00',
      '--state',
      folder,
    ];
    const command = readRelayCommandLine([origin.url, ...flags], folder, {});
    if (command.type === 'help') throw new Error('Cannot relay as the flags ask for help');
    const { options } = command;
    const faults: unknown[] = [];
    const running = new Relay({
      options,
      identity: openRelayIdentity(folder, silentLog()),
      pins: new KeyPins(folder),
      usageStore: new UsageStore(folder, silentLog()),
      uploadKbps: async () => 20_000,
      lookUp: (signal) => lookUpStation(options.address, signal),
      environment: createNodeEnvironment(),
      localTime: localTimeIn('Europe/Paris'),
      now: () => time,
      log: silentLog(),
      onFatal: (error) => faults.push(error),
    });
    const rests = (detail: string) => (): boolean =>
      running.status().state === 'resting' && running.status().detail === detail;
    try {
      await running.start();
      const crowd = await listeners(3);
      await waitFor('it serves three', () => running.status().listeners === 3, 60_000);
      await waitFor('it rests at its ceiling', rests("this month's ceiling is reached"), 60_000);
      const { monthBytes } = running.status().usage;
      expect(monthBytes).toBeLessThanOrEqual(ceilingBytes);
      await hearOn(crowd, 8);
      expect(running.status().usage.monthBytes).toBe(monthBytes);
      // Midnight: a new month, but not yet its hours.
      time = Date.parse('2026-12-01T00:00:00+01:00');
      await waitFor('it waits for its hours', rests('until 08:00'), 60_000);
      expect(running.status().usage).toMatchObject({ month: '2026-12', monthBytes: 0, dayBytes: 0 });
      time = Date.parse('2026-12-01T07:59:59+01:00');
      await hearOn(crowd, 6);
      expect(rests('until 08:00')()).toBe(true);
      time = Date.parse('2026-12-01T08:00:00+01:00');
      await crowd.add(2);
      await waitFor('it serves again', () => running.status().listeners > 0, 60_000);
      await waitFor('it sends', () => running.status().usage.monthBytes > 100_000, 60_000);
      time = Date.parse('2026-12-01T23:00:00+01:00');
      await waitFor('it rests for the night', rests('until 08:00'), 60_000);
      await hearOn(crowd, 12);
      expect(await missedBy(crowd)).toBe(0);
      expect(faults).toEqual([]);
    } finally {
      await running.stop();
    }
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import type { TlsConfig } from '../../server/config/config.ts';
import { makeCertificate } from '../support/certificates.ts';
import { chunksIn } from '../support/http-stream.ts';
import { freePort } from '../support/icecast.ts';
import { makeOrigin, startRelay } from '../support/relay-stage.ts';
import type { OriginProcess, RelayProcess } from '../support/relay-stage.ts';
import { askStun } from '../support/stun-request.ts';
import { pollUntil } from '../support/swarm-poll.ts';
import { TrackerClient } from '../support/tracker-client.ts';

const EXIT_CONFIG = 78;
const KEY = 'A'.repeat(43);
const folder = mkdtempSync(join(tmpdir(), 'essaim-command-'));
const authorities = getCACertificates();
let files: TlsConfig;
let tls: readonly string[];
let origin: OriginProcess | null = null;
let relays: RelayProcess[] = [];

beforeAll(() => {
  files = makeCertificate(folder);
  tls = ['--tls-cert', files.certificateFile, '--tls-key', files.keyFile];
  setDefaultCACertificates([...authorities, readFileSync(files.certificateFile, 'utf8')]);
  // For the processes that are started.
  process.env['NODE_EXTRA_CA_CERTS'] = files.certificateFile;
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.end('SIGKILL')));
  relays = [];
  await origin?.stop();
  origin = null;
});
afterAll(() => {
  delete process.env['NODE_EXTRA_CA_CERTS'];
  setDefaultCACertificates(authorities);
  rmSync(folder, { recursive: true, force: true });
});

function command(...args: readonly string[]): RelayProcess {
  const relay = startRelay(args);
  relays.push(relay);
  return relay;
}

async function startOrigin(changes: Readonly<Record<string, unknown>> = {}): Promise<OriginProcess> {
  origin = await makeOrigin();
  origin.configure(changes);
  await origin.start();
  return origin;
}

const described = async (url: string): Promise<StationDescription> =>
  stationDescriptionSchema.parse(await (await fetch(`${url}/api/stations/demo`)).json());

describe('a public relay, started as people start it', () => {
  test('is fed by a station at home over TLS, tracks, answers STUN, keeps its ceiling, and remembers it', async () => {
    const [port, stunPort] = [await freePort(), await freePort()];
    const url = `https://127.0.0.1:${port}`;
    const mounts = [{ path: '/live.mp3', sources: ['demo'] }];
    const station = await startOrigin({
      stations: [{ id: 'demo', name: 'Demo FM', mounts, feed: [url] }],
      relays: { hideOrigin: true },
    });
    const { publicKey } = await described(station.url);
    const place = ['--public-url', url, '--host', '127.0.0.1', '--port', String(port), ...tls];
    const udp = ['--tracker', '--stun-port', String(stunPort), '--udp-port', 'none'];
    const limits = ['--monthly', '2mb', '--state', join(folder, 'fed')];
    const args = ['--feed', '--key', publicKey, ...place, ...udp, ...limits];
    const relay = command(...args);
    await pollUntil('it names itself', 30_000, async () => (await described(url)).edges.includes(url));

    const { edges, trackers, iceServers, mounts: told } = await described(url);
    expect(edges).toEqual([url]);
    expect(trackers).toEqual([`wss://127.0.0.1:${port}/tracker`]);
    expect(iceServers).toEqual([{ urls: `stun:127.0.0.1:${stunPort}` }]);
    expect((await askStun(stunPort)).toString('hex', 0, 2)).toBe('0101');
    const member = await TrackerClient.open(url);
    await member.join(told[0]?.id ?? '');
    expect((await member.heard('edges')).trackers).toEqual(trackers);
    const serving = await relay.until('it serves', ({ state }) => state === 'serving');
    expect(serving.uploadMaxKbps).toBe(20_000);

    const burst = `${url}/api/mounts/${told[0]?.id}/burst?seconds=30`;
    const first = new Uint8Array(await (await fetch(burst)).arrayBuffer());
    expect(chunksIn(first).length).toBeGreaterThan(4);
    let sent = first.length;
    while (sent < 2_000_000) sent += (await (await fetch(burst)).arrayBuffer()).byteLength;
    const resting = await relay.until('it rests', ({ state }) => state === 'resting');
    expect(resting.detail).toBe("this month's ceiling is reached");
    expect(resting.usage.monthBytes).toBeGreaterThanOrEqual(sent);
    await expect(fetch(burst)).rejects.toThrow();
    expect(await relay.end('SIGTERM')).toBe(0);

    const again = command(...args);
    const told2 = await again.until('it rests at once', ({ state }) => state !== 'looking');
    expect(told2).toMatchObject({ state: 'resting', detail: resting.detail });
    expect(told2.usage.monthBytes).toBeGreaterThanOrEqual(sent);
    await expect(fetch(burst)).rejects.toThrow();
  });

  test('is offered by its station with the https address of its own certificate', async () => {
    const port = await freePort();
    const url = `https://127.0.0.1:${port}`;
    const station = await startOrigin();
    const place = ['--public-url', url, '--host', '127.0.0.1', '--port', String(port), ...tls];
    const gift = ['--upload', '20mbit', '--listeners-max', '1', '--mount', 'live.mp3', '--udp-port', 'none'];
    const relay = command(station.url, ...place, ...gift, '--state', join(folder, 'offered'));
    await pollUntil('it is offered', 30_000, async () => (await described(station.url)).edges.includes(url));
    const { mounts } = await described(url);
    const stream = `${url}/api/mounts/${mounts[0]?.id}/stream`;
    const one = await fetch(stream);
    expect(one.status).toBe(200);
    expect((await fetch(stream)).status).toBe(503);
    await relay.until('it counts its listener', ({ listeners }) => listeners === 1);
    await one.body?.cancel();
    expect(await relay.end('SIGTERM')).toBe(0);
  });
});

describe('a public relay whose flags cannot be meant', () => {
  const at = ['--public-url', 'https://relay.example'];
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['radio.example', '--tracker'], 'Cannot use --tracker without --public-url'],
    [['--feed', ...at], 'Cannot use --feed without --key'],
    [['radio.example', ...at, '--stun-port', '1'], 'Cannot use --stun-port without --tracker'],
    [['radio.example', ...at, '--monthly', 'much'], 'Cannot use --monthly as an amount like 200gb'],
    [
      ['--feed', '--key', KEY, ...at, '--tls-cert', '/nowhere/a', '--tls-key', '/nowhere/b'],
      'Cannot read /nowhere/a as a certificate: there is no such file',
    ],
    [['--feed', '--key', KEY, ...at, '--trusted-proxy', 'me'], 'must be an IP address or a range'],
  ];

  test('ends with the code of wrong configuration, and one line that says which', async () => {
    const runs = cases.map(async ([args], index) => {
      const relay = command(...args, '--state', join(folder, `bad-${index}`));
      return { code: await relay.exit(), errors: relay.errors() };
    });
    const ended = await Promise.all(runs);
    expect(ended.map(({ code }) => code)).toEqual(cases.map(() => EXIT_CONFIG));
    for (const [index, { errors }] of ended.entries()) {
      expect(errors).toContain(cases[index]?.[1]);
      expect(errors).not.toContain('    at ');
    }
  });

  test('or that name a mount the station lacks, ends and names those that it has', async () => {
    const station = await startOrigin();
    const relay = command(station.url, ...at, '--mount', '/opus', '--state', join(folder, 'lacking'));
    expect(await relay.exit()).toBe(EXIT_CONFIG);
    expect(relay.errors()).toContain("Cannot relay /opus as the station's mounts are /live.mp3");
  });

  test('or whose port is taken, ends and says so', async () => {
    const station = await startOrigin();
    const { port } = new URL(station.url);
    const place = ['--public-url', 'https://relay.example', '--host', '127.0.0.1', '--port', port];
    const relay = command('--feed', '--key', KEY, ...place, '--state', join(folder, 'taken'));
    expect(await relay.exit()).toBe(EXIT_CONFIG);
    expect(relay.errors()).toContain(`Cannot listen on 127.0.0.1, port ${port}: another program has it`);
  });
});

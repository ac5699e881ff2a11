import { spawn } from 'node:child_process';
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RelayPass } from '../../shared/tracker/messages.ts';
import { mountId, unixMillis } from '../../shared/units.ts';
import { makePass, PASS_LIFETIME_MS } from '../../server/relays/relay-pass.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import { parseConfig } from '../../server/config/config-file.ts';
import { silentLog } from '../../server/log.ts';
import { startServer } from '../../server/server.ts';
import { startTestServer } from '../support/server.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { TrackerClient } from '../support/tracker-client.ts';
import { waitFor } from '../support/wait-for.ts';

describe('server', () => {
  it('plays the demo by itself', async () => {
    const server = await startTestServer();
    try {
      const [mount] = server.stations[0]?.mounts ?? [];
      await waitFor('a chunk is made', () => (mount?.window.size ?? 0) >= 2);
      expect(mount?.description().codec?.codec).toBe('mp3');
    } finally {
      await server.stop();
    }
  });

  it('believes a declared proxy’s word on the public address, and nobody else’s', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'radio.example' };
    const edgesOf = async (trustedProxies: readonly string[]): Promise<readonly string[]> => {
      const server = await startScriptedServer({ config: { http: { trustedProxies } } });
      try {
        const response = await fetch(`${server.url}/api/stations/demo`, { headers });
        return stationDescriptionSchema.parse(await response.json()).edges;
      } finally {
        await server.stop();
      }
    };
    expect(await edgesOf(['127.0.0.0/8'])).toEqual(['https://radio.example']);
    expect(await edgesOf(['10.0.0.0/8'])).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:/)]);
  });

  it('keeps its key over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'essaim-keep-'));
    try {
      const keyOf = async (): Promise<string | undefined> => {
        const server = await startScriptedServer({ config: { dataFolder: folder } });
        await server.stop();
        return server.stations[0]?.publicKeyText;
      };
      const first = await keyOf();
      expect(first).toHaveLength(43);
      expect(await keyOf()).toBe(first);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says plainly that its port is taken, and leaves nothing running', async () => {
    const server = await startScriptedServer();
    try {
      const second = startTestServer({ config: { http: { port: server.port } } });
      await expect(second).rejects.toThrow(
        `port ${server.port}: another program has it. Choose another with --port`,
      );
    } finally {
      await server.stop();
    }
  });

  it('goes on without STUN when its port is taken', async () => {
    const first = await startScriptedServer();
    try {
      const second = await startScriptedServer({ config: { stun: { port: first.stunPort } } });
      try {
        expect(second.stunPort).toBeNull();
        const station = await (await fetch(`${second.url}/api/stations/demo`)).json();
        expect(stationDescriptionSchema.parse(station).iceServers).toEqual([]);
      } finally {
        await second.stop();
      }
    } finally {
      await first.stop();
    }
  });

  it('tells members of its tracker new TURN credentials before theirs run out', async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'essaim-turn-'));
    const station = { id: 'demo', name: 'Demo', mounts: [{ path: '/live.mp3', sources: ['demo'] }] };
    const http = { host: '127.0.0.1', port: 0 };
    const config = parseConfig(
      JSON.stringify({ stations: [station], http, stun: { port: 0 }, webrtc: { enabled: false } }),
      'the test configuration',
      dataFolder,
    );
    // Shorter than a configuration may say.
    const turn = [{ urls: ['turn:t.example'], secret: 'north', credentialLifetimeSeconds: 2 }];
    const server = await startServer({ ...config, turn }, silentLog());
    try {
      const member = await TrackerClient.open(`http://127.0.0.1:${server.port}`);
      await member.join(server.stations[0]?.mounts[0]?.id ?? '');
      const untilOf = (index: number): number =>
        Number.parseInt(
          member.all('edges')[index]?.iceServers?.find(({ username }) => username !== undefined)?.username ??
            '0',
          10,
        );
      await waitFor('credentials come', () => untilOf(0) > 0);
      expect(member.all('edges')[0]?.iceServers).toContainEqual({
        urls: `stun:127.0.0.1:${server.stunPort}`,
      });
      await waitFor('they are renewed', () => member.all('edges').length > 2);
      expect(untilOf(2)).toBeGreaterThan(untilOf(0));
      member.socket.terminate();
    } finally {
      await server.stop();
      rmSync(dataFolder, { recursive: true });
    }
  });

  it('takes for a relay who shows the station’s pass, and all others who say so for listeners', async () => {
    const server = await startScriptedServer();
    const members: TrackerClient[] = [];
    const join = async (relayPass?: RelayPass): Promise<void> => {
      const member = await TrackerClient.open(server.url);
      members.push(member);
      await member.join(server.mountId, { participation: 'dedicated', relayPass });
    };
    const counts = () => {
      const { relays, listeners } = server.tracker.swarm(mountId(server.mountId)) ?? {};
      return { relays, listeners };
    };
    try {
      const now = unixMillis(Date.now());
      const stranger = generateKeyPairSync('ed25519').privateKey;
      const { sign } = server.stations[0] ?? { sign: () => new Uint8Array() };
      const relayKey = 'r'.repeat(43);
      await join();
      await join(makePass((data) => signWith(null, data, stranger), relayKey, now));
      await join(makePass(sign, relayKey, unixMillis(now - PASS_LIFETIME_MS)));
      expect(counts()).toEqual({ relays: 0, listeners: 3 });
      await join(makePass(sign, relayKey, now));
      expect(counts()).toEqual({ relays: 1, listeners: 3 });
      server.relays.ban(relayKey);
      await join(makePass(sign, relayKey, now));
      expect(counts()).toEqual({ relays: 1, listeners: 4 });
    } finally {
      for (const member of members) member.socket.terminate();
      await server.stop();
    }
  });

  it('answers STUN on its own UDP port', async () => {
    const server = await startScriptedServer();
    const socket = createSocket('udp4');
    try {
      const request = Buffer.from('000100002112a442b7e7a701bc34d686fa87dfae', 'hex');
      const answered = once(socket, 'message');
      socket.send(request, server.stunPort ?? 0, '127.0.0.1');
      const [answer]: unknown[] = await answered;
      const port = (socket.address().port ^ 0x2112).toString(16).padStart(4, '0');
      // 127.0.0.1, hidden by the cookie.
      expect(Buffer.isBuffer(answer) && answer.toString('hex')).toBe(
        `0101000c2112a442b7e7a701bc34d686fa87dfae002000080001${port}5e12a443`,
      );
    } finally {
      socket.close();
      await server.stop();
    }
  });
});

describe('command', () => {
  it('shows where to listen and the public key, never the secret one, and stops on SIGTERM', async () => {
    const run = command('--port', '0', '--host', '127.0.0.1');
    try {
      await waitFor('it says that it runs', () => run.output().includes('Essaim is running'));
      const url = /page\s+(http:\/\/127\.0\.0\.1:\d+\/)/.exec(run.output())?.[1] ?? '';
      expect((await fetch(new URL('/api/stations', url))).status).toBe(200);
      expect(run.output()).toMatch(/public key {2}[A-Za-z0-9_-]{43}/);
      expect(run.output()).not.toContain('PRIVATE');
      run.child.kill('SIGTERM');
      expect(await run.exit).toBe(0);
    } finally {
      run.cleanUp();
    }
  });

  it('refuses what it does not know in one clear line, without a stack', async () => {
    const run = command('--prot', '80');
    try {
      expect(await run.exit).toBe(1);
      expect(run.output()).toContain("Unknown option '--prot'");
      expect(run.output()).not.toContain('    at ');
    } finally {
      run.cleanUp();
    }
  });
});

interface Run {
  readonly child: ReturnType<typeof spawn>;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
  readonly cleanUp: () => void;
}

/** `node server/main.ts` in an empty folder. */
function command(...args: readonly string[]): Run {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-command-'));
  const main = join(import.meta.dirname, '../../server/main.ts');
  const child = spawn(process.execPath, [main, ...args], { cwd: folder });
  let output = '';
  const add = (data: Buffer): void => {
    output += data.toString();
  };
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  return {
    child,
    output: () => output,
    exit: new Promise((resolve) => {
      child.once('close', resolve);
    }),
    cleanUp: () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

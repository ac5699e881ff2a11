import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from './ffmpeg.ts';
import { waitFor } from './wait-for.ts';

const PASSWORD = 'test-only';

/** A real Icecast (Debian's `icecast2`) on a free port of the loopback interface. */
export interface Icecast {
  readonly port: number;
  /** Where a listener pulls a mount, e.g. `/live.mp3`. */
  url(mount: string): string;
  /** Where a source sends one, for ffmpeg. */
  target(mount: string): string;
  /** Sets a mount's ICY title as a station's software does. */
  setTitle(mount: string, title: string, charset?: string): Promise<void>;
  /** Kills it without a word, as a crash does. */
  crash(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startIcecast(): Promise<Icecast> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'essaim-icecast-'));
  // Icecast refuses to run as root: it is told to become `nobody`, who must be able to write its log here.
  chmodSync(folder, 0o777);
  const configFile = join(folder, 'icecast.xml');
  writeFileSync(configFile, configuration(port, folder));
  let child = await launch(configFile, port);
  return {
    port,
    url: (mount) => `http://127.0.0.1:${port}${mount}`,
    target: (mount) => `icecast://source:${PASSWORD}@127.0.0.1:${port}${mount}`,
    async setTitle(mount, title, charset = 'UTF-8') {
      const query = `mount=${mount}&mode=updinfo&charset=${charset}&song=${encodeURIComponent(title)}`;
      const authorization = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;
      const address = `http://127.0.0.1:${port}/admin/metadata?${query}`;
      const response = await fetch(address, { headers: { authorization } });
      if (!response.ok)
        throw new Error(`Cannot set the title as Icecast's admin: status is ${response.status}`);
      await response.text();
    },
    crash: () => kill(child),
    async restart() {
      await kill(child);
      child = await launch(configFile, port);
    },
    async stop() {
      await kill(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(configFile: string, port: number): Promise<ChildProcess> {
  const child = spawn('icecast2', ['-c', configFile], { stdio: 'ignore' });
  let isReady = false;
  const probe = setInterval(() => {
    const socket = net.connect(port, '127.0.0.1', () => {
      isReady = true;
      socket.destroy();
    });
    socket.on('error', () => socket.destroy());
  }, 50);
  try {
    await waitFor('Icecast listens', () => isReady || child.exitCode !== null);
  } finally {
    clearInterval(probe);
  }
  if (!isReady) throw new Error(`Cannot start icecast2 as a test server: exit code is ${child.exitCode}`);
  return child;
}

function configuration(port: number, folder: string): string {
  const owner =
    process.getuid?.() === 0 ? '<changeowner><user>nobody</user><group>nogroup</group></changeowner>' : '';
  return `<icecast>
  <location>test</location><admin>test@localhost</admin><hostname>localhost</hostname>
  <limits><clients>50</clients><sources>10</sources><queue-size>524288</queue-size><source-timeout>5</source-timeout>
    <burst-size>16384</burst-size></limits>
  <authentication><source-password>${PASSWORD}</source-password><relay-password>${PASSWORD}</relay-password>
    <admin-user>admin</admin-user><admin-password>${PASSWORD}</admin-password></authentication>
  <listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <http-headers/>
  <paths><basedir>/usr/share/icecast2</basedir><logdir>${folder}</logdir>
    <webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <mount><mount-name>/titles-utf8.mp3</mount-name><charset>UTF-8</charset></mount>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel></logging>
  <security><chroot>0</chroot>${owner}</security>
</icecast>`;
}

export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port');
  return address.port;
}

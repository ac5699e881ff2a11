import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real reverse proxy in front of a server, on a free port of loopback, without a service or root's folders. */
export interface ReverseProxy {
  readonly url: string;
  stop(): Promise<void>;
}

export const REVERSE_PROXIES = ['nginx', 'caddy'] as const;
export type ReverseProxyName = (typeof REVERSE_PROXIES)[number];

export async function startReverseProxy(name: ReverseProxyName, serverPort: number): Promise<ReverseProxy> {
  const folder = mkdtempSync(join(tmpdir(), `essaim-${name}-`));
  const port = await freePort();
  const { file, text, command } = PROGRAMS[name](folder, port, serverPort);
  writeFileSync(file, text);
  const [program = name, ...args] = command;
  let output = '';
  const child = spawn(program, args, {
    env: { ...process.env, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.on('error', (error) => (output += error.message));
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      output = `${output}${data.toString()}`.slice(-4000);
    });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.pid !== undefined) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const until = performance.now() + 10_000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > until) {
      await stop();
      throw new Error(`Cannot start ${name} as it must listen: current value is ${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}

interface Program {
  readonly file: string;
  readonly text: string;
  readonly command: readonly string[];
}

/** What an operator writes is in the README; the rest here only keeps the program inside its folder. */
const PROGRAMS: Record<ReverseProxyName, (folder: string, port: number, serverPort: number) => Program> = {
  nginx: (folder, port, serverPort) => ({
    file: join(folder, 'nginx.conf'),
    command: ['/usr/sbin/nginx', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'],
    text: `daemon off; pid ${folder}/pid; worker_processes 1;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${serverPort};
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_read_timeout 1h;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`,
  }),
  caddy: (folder, port, serverPort) => ({
    file: join(folder, 'Caddyfile'),
    command: ['/usr/bin/caddy', 'run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')],
    text: `{
  admin off
  auto_https off
  storage file_system ${folder}
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${serverPort}
}
`,
  }),
};

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}

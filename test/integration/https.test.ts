import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { TlsConfig } from '../../server/config/config.ts';
import { closeHttp, listenHttp } from '../../server/http-server.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { silentLog } from '../../server/log.ts';
import { readCertificate } from '../../server/tls/certificate.ts';
import { keepCertificate } from '../../server/tls/kept-certificate.ts';
import { makeCertificate } from '../support/certificates.ts';
import { isGapless, listenInNode } from '../support/node-listener.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = mkdtempSync(join(tmpdir(), 'essaim-https-'));
const authorities = getCACertificates();
let files: TlsConfig;
let server: TestServer | null = null;

beforeAll(() => {
  files = makeCertificate(folder);
  setDefaultCACertificates([...authorities, readFileSync(files.certificateFile, 'utf8')]);
});
afterEach(async () => {
  await server?.stop();
  server = null;
});
afterAll(() => {
  setDefaultCACertificates(authorities);
  closeNodeEnvironment();
  rmSync(folder, { recursive: true });
});

async function startSecure(config: Readonly<Record<string, unknown>> = {}): Promise<TestServer> {
  const tls = { certificate: files.certificateFile, key: files.keyFile };
  server = await startTestServer({ config: { webrtc: { enabled: false }, ...config, http: { tls } } });
  const [mount] = server.stations[0]?.mounts ?? [];
  await waitFor('there is sound', () => config['stations'] !== undefined || (mount?.window.size ?? 0) > 4);
  return server;
}

/** What comes, at first; the rest is left. */
async function plainly(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const asked = plainRequest(url, { headers, agent: false }).end();
  const [response] = await once(asked, 'response');
  return response;
}

describe('a server with a certificate of its own', () => {
  test('tells https and wss addresses, and a listener plays all of it over them', async () => {
    const { url } = await startSecure();
    expect(url).toMatch(/^https:/);
    const description = stationDescriptionSchema.parse(
      await (await fetch(`${url}/api/stations/demo`)).json(),
    );
    expect(description.edges).toEqual([url]);
    expect(description.trackers).toEqual([`${url.replace('https', 'wss')}/tracker`]);
    const heard = listenInNode(description, createNodeEnvironment());
    await waitFor('it plays', () => heard.played.length > 12, 30_000);
    expect(isGapless(heard)).toBe(true);
    expect(server?.tracker.counters.connections).toBe(1);
    await heard.listener.stop();
  });

  test('serves the mount to players with TLS and, at the same port, to radios without', async () => {
    const { url } = await startSecure();
    const secure = await fetch(`${url}/live.mp3`);
    expect(secure.headers.get('content-type')).toBe('audio/mpeg');
    expect((await secure.body?.getReader().read())?.value?.length).toBeGreaterThan(0);
    const radio = await plainly(`${url.replace('https', 'http')}/live.mp3`, { Accept: '*/*' });
    expect(radio.statusCode).toBe(200);
    const [sound] = await once(radio, 'data');
    expect(Buffer.isBuffer(sound) && sound.length > 0).toBe(true);
    radio.destroy();
  });

  test('leads browsers that ask for a page without TLS to the same page with it', async () => {
    const { url } = await startSecure();
    const answer = await plainly(`${url.replace('https', 'http')}/?a=1`, { Accept: 'text/html,*/*' });
    expect([answer.statusCode, answer.headers.location]).toEqual([308, `${url}/?a=1`]);
    answer.resume();
  });

  test('takes source clients over TLS', async () => {
    const mounts = [{ path: '/live.mp3', sourceClient: { password: 'only-in-tests' } }];
    const { port } = await startSecure({ stations: [{ id: 'demo', name: 'Demo', mounts }] });
    const socket = connect({ port, host: '127.0.0.1' });
    const login = Buffer.from('source:only-in-tests').toString('base64');
    socket.write(
      `SOURCE /live.mp3 HTTP/1.0\r\nAuthorization: Basic ${login}\r\nContent-Type: audio/mpeg\r\n\r\n`,
    );
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.0 200 OK/);
    socket.destroy();
  });

  test('is not kept from stopping by those who connect and say nothing, or nonsense', async () => {
    const { port } = await startSecure();
    const shut = [Buffer.alloc(0), Buffer.from([0x16, 3, 1, 2]), Buffer.from([0x16, 1, 2, 3, 4, 5, 6])].map(
      (bytes) => {
        const socket = connectPlain({ port, host: '127.0.0.1' }, () => socket.write(bytes));
        return once(socket, 'close');
      },
    );
    const silent = connect({ port, host: '127.0.0.1' });
    await once(silent, 'secureConnect');
    await server?.stop();
    server = null;
    await Promise.all([...shut, once(silent, 'close')]);
  });
});

describe('a certificate that is renewed on disk', () => {
  let http: Server;
  afterEach(() => closeHttp(http, 0));

  const serial = async (): Promise<string> => {
    const { port } = Object(http.address());
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };

  test('is taken up without a restart, and not before its key is there too', async () => {
    const used = makeCertificate(folder, { name: 'used' });
    const renewed = makeCertificate(folder, { name: 'renewed' });
    const first = readCertificate(used);
    const log = silentLog();
    http = await listenHttp(
      (_, response) => {
        response.write('…');
        setInterval(() => response.write('…'), 20).unref();
      },
      '127.0.0.1',
      0,
      () => undefined,
      undefined,
      first,
    );
    const warnings: unknown[] = [];
    log.warn = (about: unknown) => warnings.push(about);
    const stop = keepCertificate({ http, files: used, first, publicUrl: null, log, intervalMs: 20 });
    try {
      const before = await serial();
      const { port } = Object(http.address());
      const open = request({ port, host: '127.0.0.1', rejectUnauthorized: false }).end();
      const [response]: IncomingMessage[] = await once(open, 'response');
      let received = 0;
      response?.on('data', () => (received += 1));

      copyFileSync(renewed.certificateFile, used.certificateFile);
      await waitFor('the half of it is noticed', () => warnings.length > 0);
      expect(await serial()).toBe(before);

      copyFileSync(renewed.keyFile, used.keyFile);
      let now = before;
      while (now === before) now = await serial();
      const expected = readCertificate(renewed);
      expect(readCertificate(used).key).toBe(expected.key);
      const at = received;
      await waitFor('the connection from before goes on', () => received > at + 3);
      expect(warnings).toHaveLength(1);
    } finally {
      stop();
    }
  });
});

describe('a certificate that browsers would refuse', () => {
  test.each([
    ['is for another name', { names: ['radio.example'] }, 'https://other.example', 'not for other.example'],
    ['runs out soon', { days: 3 }, null, 'runs out at'],
  ])('and %s is warned of', async (_, made, publicUrl, expected) => {
    const odd = makeCertificate(folder, { name: 'odd', ...made });
    const first = readCertificate(odd);
    const log = silentLog();
    const warnings: string[] = [];
    log.warn = (about: unknown, text?: string) => warnings.push(text ?? String(about));
    const http = await listenHttp(
      () => undefined,
      '127.0.0.1',
      0,
      () => undefined,
      undefined,
      first,
    );
    keepCertificate({ http, files: odd, first, publicUrl, log })();
    await closeHttp(http, 0);
    expect(warnings).toEqual([expect.stringContaining(expected)]);
  });
});

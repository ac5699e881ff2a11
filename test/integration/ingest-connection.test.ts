import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { Server } from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { IngestEvent } from '../../server/ingest/events.ts';
import { SILENCE_MS_MAX } from '../../server/ingest/sound-intake.ts';
import { startIngest } from '../../server/ingest/ingest.ts';
import type { Ingest } from '../../server/ingest/ingest.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { encodeFile } from '../support/ffmpeg.ts';
import { waitFor } from '../support/wait-for.ts';

const mp3 = encodeFile({ codec: 'mp3', seconds: 5 });
const folder = mkdtempSync(join(tmpdir(), 'essaim-tls-'));
const trusted = tls.getCACertificates('default');
const servers: Server[] = [];
const ingests: Ingest[] = [];

afterEach(async () => {
  tls.setDefaultCACertificates(trusted);
  await Promise.all(ingests.splice(0).map((ingest) => ingest.stop()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A certificate that vouches for itself, for localhost. */
function certificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  const name = ['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert];
  execFileSync('openssl', [...request.split(' '), ...name], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot listen on loopback');
  return address.port;
}

function record(url: string, clock = new FakeClock()): readonly IngestEvent[] {
  const events: IngestEvent[] = [];
  const onEvent = (event: IngestEvent): void => void events.push(event);
  ingests.push(startIngest({ sources: [{ kind: 'url', url }], onEvent, random: () => 0.5, clock }));
  clock.advance(0);
  return events;
}

const playOnce = (_request: unknown, response: http.ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'audio/mpeg' });
  response.write(mp3);
};

describe('a source over TLS', () => {
  it('is heard if its certificate is trusted', async () => {
    const { key, cert } = certificate();
    tls.setDefaultCACertificates([cert.toString()]);
    const port = await listen(https.createServer({ key, cert }, playOnce));
    const events = record(`https://localhost:${port}/live`);
    await waitFor('sound came', () => events.filter(({ type }) => type === 'frame').length > 100);
  });

  it('is refused with its reason if not', async () => {
    const { key, cert } = certificate();
    const port = await listen(https.createServer({ key, cert }, playOnce));
    const events = record(`https://localhost:${port}/live`);
    await waitFor('it failed', () =>
      events.some((event) => event.type === 'state' && event.state === 'failed'),
    );
    expect(JSON.stringify(events)).toMatch(/as audio: self-signed certificate/u);
  });
});

describe('a source that falls silent', () => {
  it('counts as lost after SILENCE_MS_MAX, though it stays connected', async () => {
    const clock = new FakeClock();
    const port = await listen(http.createServer(playOnce));
    const events = record(`http://localhost:${port}/live`, clock);
    await waitFor('all came', () => events.filter(({ type }) => type === 'frame').length > 200);
    clock.advance(SILENCE_MS_MAX - 1);
    expect(events.some(({ type }) => type === 'gap')).toBe(false);
    clock.advance(2);
    expect(events.find(({ type }) => type === 'gap')).toMatchObject({
      reason: expect.stringMatching(/for 10 s$/u),
    });
  });

  it('before it ever sounded is described by what it sent', async () => {
    const clock = new FakeClock();
    const port = await listen(
      http.createServer((_request, response) => void response.write('Station is off air')),
    );
    const events = record(`http://localhost:${port}/live`, clock);
    await waitFor('the answer came', () => ingests.at(-1)?.stats().receivedBytes === 18);
    clock.advance(SILENCE_MS_MAX + 1);
    expect(JSON.stringify(events)).toContain(
      String.raw`the source sent something without a content type, beginning \"Station is off air\"`,
    );
  });
});

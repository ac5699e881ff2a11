import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UPLOAD_TEST_BYTES_MAX } from '../../server/edge/upload-test.ts';
import { silentLog } from '../../server/log.ts';
import { UNMEASURED_KBPS, Uplink } from '../../server/relay/uplink.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

let server: TestServer;
let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-uplink-'));
  server = await startTestServer({ config: { webrtc: { enabled: false, port: 0 } } });
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

describe('the uplink of a relay', () => {
  it('is measured once and remembered, and half of it is given', async () => {
    const first = await new Uplink(folder, silentLog()).halfKbps(server.url);
    // Loopback carries far more than any line.
    expect(first).toBeGreaterThan(UNMEASURED_KBPS);
    await server.stop();
    expect(await new Uplink(folder, silentLog()).halfKbps(server.url)).toBe(first);
  });

  it('is taken to be a modest one where the server has been asked just now, or is another or away', async () => {
    await new Uplink(folder, silentLog()).halfKbps(server.url);
    const stranger = new Uplink(mkdtempSync(join(folder, 'other-')), silentLog());
    expect(await stranger.halfKbps(server.url)).toBe(UNMEASURED_KBPS);
    await server.stop();
    expect(await stranger.halfKbps(server.url)).toBe(UNMEASURED_KBPS);
  });
});

const post = async (): Promise<number> =>
  (await fetch(`${server.url}/api/upload-test`, { method: 'POST', body: 'sound' })).status;

describe('the upload test of a server', () => {
  it('takes no more than it says', async () => {
    const body = new Uint8Array(UPLOAD_TEST_BYTES_MAX + 1);
    const answer = await fetch(`${server.url}/api/upload-test`, { method: 'POST', body });
    expect(answer.status).toBe(413);
  });

  it('serves each address once a minute', async () => {
    expect([await post(), await post()]).toEqual([200, 429]);
  });
});

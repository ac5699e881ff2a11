import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../server/config/config-file.ts';
import type { Config } from '../../server/config/config.ts';
import { silentLog } from '../../server/log.ts';
import { startServer } from '../../server/server.ts';
import type { RunningServer, ServerParts } from '../../server/server.ts';

export interface TestServer extends RunningServer {
  /** The folder of its key and state; gone after `stop`. */
  readonly dataFolder: string;
}

export interface TestServerOptions {
  /** As in `essaim.json`; what is not said: the demo station, free ports on loopback, a temporary data folder. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly parts?: ServerParts;
}

/** A whole server on free ports. Always `stop()` it. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'essaim-test-'));
  const removeData = (): void => rmSync(dataFolder, { recursive: true, force: true });
  try {
    const server = await startServer(testConfig(dataFolder, options.config), silentLog(), options.parts);
    return {
      ...server,
      dataFolder,
      stop: async () => {
        await server.stop();
        removeData();
      },
    };
  } catch (error) {
    removeData();
    throw error;
  }
}

function testConfig(dataFolder: string, fields: TestServerOptions['config'] = {}): Config {
  return parseConfig(
    JSON.stringify({
      stations: [{ id: 'demo', name: 'Demo', mounts: [{ path: '/live.mp3', sources: ['demo'] }] }],
      stun: { port: 0 },
      webrtc: { port: 0 },
      dataFolder,
      ...fields,
      http: { host: '127.0.0.1', port: 0, ...Object(fields['http']) },
    }),
    'the test configuration',
    dataFolder,
  );
}

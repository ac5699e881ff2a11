import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../server/config/config-file.ts';
import { silentLog } from '../../server/log.ts';
import { startPublicRelay } from '../../server/relay/public/public-relay.ts';
import type { PublicRelay, PublicRelayOptions } from '../../server/relay/public/public-relay.ts';
import { openRelayIdentity } from '../../server/relay/relay-identity.ts';
import { freePort } from './icecast.ts';

export interface TestRelay {
  readonly relay: PublicRelay;
  readonly url: string;
  readonly relayKey: string;
  /** At once, without a word to anybody. */
  stop(): Promise<void>;
}

/** A public relay on a free port of loopback, without STUN. Always `stop()` it. */
export async function startTestRelay(
  options: Pick<PublicRelayOptions, 'stationKey' | 'upstreams'> &
    Partial<PublicRelayOptions> & {
      readonly port?: number;
      /** Whether it has a mediasoup; left out: it has. */
      readonly seeds?: boolean;
    },
): Promise<TestRelay> {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-relay-'));
  const log = options.log ?? silentLog();
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const identity = options.identity ?? openRelayIdentity(folder, log);
  const relay = await startPublicRelay({
    publicUrl: url,
    isTracking: true,
    nickname: null,
    identity,
    config: relayConfig(folder, port, options.seeds ?? true),
    limits: { uploadKbps: 20_000, listenersMax: null },
    usage: () => ({ month: new Date().toISOString().slice(0, 7), monthBytes: 0 }),
    mounts: null,
    log,
    ...options,
  });
  return {
    relay,
    url,
    relayKey: identity.publicKeyText,
    stop: async () => {
      await relay.stop(0);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const relayConfig = (folder: string, port: number, seeds: boolean): PublicRelayOptions['config'] =>
  parseConfig(
    JSON.stringify({
      stations: [{ id: 'none', name: 'None', mounts: [{ path: '/none.mp3', sources: ['demo'] }] }],
      stun: { port: null },
      webrtc: { enabled: seeds, port: 0 },
      dataFolder: folder,
      http: { host: '127.0.0.1', port },
    }),
    'the test configuration',
    folder,
  );

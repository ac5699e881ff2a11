import type { Config } from '../config/config.ts';
import { createForwarding } from '../edge/forwarding.ts';
import type { Log } from '../log.ts';
import type { Door } from './door.ts';
import { startShoutcastServer } from './shoutcast-server.ts';
import type { SourceDesk } from './source-desk.ts';
import { serveSourceProtocol } from './source-protocol.ts';
import { SourceService } from './source-service.ts';
import type { LiveMountInput } from './source-service.ts';

/** Without sound for so long, a source client is given up for the moment: sooner than the listeners' buffer is empty. */
const STALL_MS_MAX = 1500;

export interface OpenDoors {
  /** Null: none is open. */
  readonly shoutcastPort: number | null;
  /** Source clients are disconnected. */
  stop(): Promise<void>;
}

/** From now on source clients may come: at HTTP's door, and where configured by Shoutcast's protocol. */
export async function openToSourceClients(
  config: Config,
  httpPort: number,
  door: Door,
  mounts: readonly LiveMountInput[],
  desk: SourceDesk,
  log: Log,
): Promise<OpenDoors> {
  const { access, liveSources } = desk;
  const stallMs = Math.min(STALL_MS_MAX, config.playback.playoutDelayMs * 0.6);
  const service = new SourceService({ mounts, access, liveSources, stallMs, log });
  const forwarding = createForwarding(config.http);
  door.open(serveSourceProtocol(service, (request) => forwarding.clientAddress(request)));
  const shoutcast =
    config.shoutcast === null
      ? null
      : await startShoutcastServer(
          service,
          config.shoutcast.mount,
          config.http.host,
          config.shoutcast.port ?? httpPort + 1,
          log,
        );
  return {
    shoutcastPort: shoutcast?.port ?? null,
    stop: async () => {
      liveSources.kickAll('the server stops');
      door.closeAll();
      await shoutcast?.stop();
    },
  };
}

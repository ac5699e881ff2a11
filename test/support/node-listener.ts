import { createListener } from '../../client/listener/listener.ts';
import type { Listener, ListenerOptions } from '../../client/listener/listener.ts';
import type { ListenerEnvironment } from '../../client/listener/environment.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import type { EngineOutput } from '../../shared/swarm/engine-io.ts';

/** A listener in this process, and what it has heard. */
export interface NodeListener {
  readonly listener: Listener;
  readonly played: readonly Chunk[];
  /** Chunks given up. */
  skipped(): number;
}

export interface NodeListenerOptions {
  /** `dedicated`: as a relay at home. */
  readonly participation?: ListenerOptions['participation'];
  readonly uploadCapKbps?: number;
  /** Without one, trackers take a dedicated member for a listener that passes on. */
  readonly relayPass?: NonNullable<ListenerOptions['relayPass']>;
  readonly onEvent?: (output: EngineOutput) => void;
}

/** Starts to listen to the station's first mount, over real WebRTC. */
export function listenInNode(
  station: StationDescription,
  environment: ListenerEnvironment,
  options: NodeListenerOptions = {},
): NodeListener {
  const [mount] = station.mounts;
  if (mount === undefined) throw new Error('Cannot listen to a station without a mount');
  const played: Chunk[] = [];
  let skippedCount = 0;
  const listener = createListener({
    station,
    mount,
    publicKey: station.publicKey,
    participation: 'relay',
    uploadCapKbps: 2000,
    peersAllowed: true,
    sink: {
      play: (chunk, skipped) => {
        played.push(chunk);
        skippedCount += skipped;
      },
    },
    environment,
    ...options,
  });
  listener.start();
  return { listener, played, skipped: () => skippedCount };
}

/** In order, each once, none missing. */
export function isGapless({ played }: NodeListener): boolean {
  return played.every(
    ({ header }, index) => index === 0 || header.sequence === (played[index - 1]?.header.sequence ?? 0) + 1,
  );
}

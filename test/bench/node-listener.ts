import { createListener } from '../../client/listener/listener.ts';
import type { Listener } from '../../client/listener/listener.ts';
import type { ListenerEnvironment } from '../../client/listener/environment.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import type { EngineCounters } from '../../shared/swarm/engine-io.ts';

/** One measured listener in this process: real WebRTC, no sound. */
export class NodeListener {
  readonly latenciesMs: number[] = [];
  startupMs: number | null = null;
  readonly listener: Listener;

  constructor(station: StationDescription, environment: ListenerEnvironment) {
    const mount = station.mounts[0];
    if (mount === undefined)
      throw new Error('Cannot listen as the station has no mount: current value is []');
    const asked = performance.now();
    this.listener = createListener({
      station,
      mount,
      publicKey: station.publicKey,
      participation: 'relay',
      uploadCapKbps: 1000,
      peersAllowed: true,
      environment,
      sink: {
        play: (_chunk, _skipped, dueAt) => {
          // Sound is heard when the chunk is due, not when it is handed over.
          this.startupMs ??= Math.max(performance.now(), dueAt) - asked;
        },
      },
      onEvent: (output) => {
        if (output.type !== 'due' || !output.inTime || output.packagedAt === null) return;
        this.latenciesMs.push(Date.now() - output.packagedAt);
      },
    });
    this.listener.start();
  }

  counters(): EngineCounters {
    return this.listener.snapshot().counters;
  }
}

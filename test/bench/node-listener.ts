import { createListener } from '../../client/listener/listener.ts';
import type { Listener } from '../../client/listener/listener.ts';
import type { ListenerEnvironment } from '../../client/listener/environment.ts';
import type { ListenerFigures, MeasuredListener } from './measured-listener.ts';
import type { StationDescription } from '../../shared/station/description.ts';

/** One measured listener in this process: real WebRTC, no sound. */
export class NodeListener implements MeasuredListener {
  private readonly latenciesMs: number[] = [];
  private startupMs: number | null = null;
  private readonly listener: Listener;

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
        // It is told a little after it was due.
        const dueAt = Date.now() - (performance.now() - output.dueAt);
        this.latenciesMs.push(dueAt - output.packagedAt);
      },
    });
    this.listener.start();
  }

  figures(): Promise<ListenerFigures> {
    return Promise.resolve({
      counters: { ...this.listener.snapshot().counters },
      startupMs: this.startupMs,
      latenciesMs: [...this.latenciesMs],
    });
  }

  stop(): Promise<void> {
    return this.listener.stop();
  }
}

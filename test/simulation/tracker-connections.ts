import type { Clock } from '../../client/listener/environment.ts';
import { TrackerSocket } from '../../client/listener/tracker-socket.ts';
import type { ListenerMessage } from '../../shared/tracker/messages.ts';
import type { RandomSource } from '../../shared/units.ts';
import type { SimulatedListener } from './listener-model.ts';
import { Way } from './network/machine.ts';
import type { NetworkPreset } from './network/presets.ts';
import type { SimulatedTracker } from './tracker-model.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What keeps listeners at a tracker: the production `TrackerSocket`, on virtual time. */
export class TrackerConnections {
  readonly #time: VirtualTime;
  readonly #preset: NetworkPreset;
  readonly #random: RandomSource;
  readonly #trackers: readonly SimulatedTracker[];
  readonly #sockets = new Map<SimulatedListener, TrackerSocket>();

  /** @param trackers the one to be preferred first */
  constructor(
    time: VirtualTime,
    preset: NetworkPreset,
    random: RandomSource,
    trackers: readonly SimulatedTracker[],
  ) {
    this.#time = time;
    this.#preset = preset;
    this.#random = random;
    this.#trackers = trackers;
  }

  join(listener: SimulatedListener): void {
    const ways = new Map<SimulatedTracker, Way>();
    const socket = new TrackerSocket({
      addresses: this.#trackers.map(({ address }) => address),
      clock: this.#clockOf(listener),
      random: this.#random,
      openSocket: (address, handlers) => {
        const tracker = this.#trackers.find((each) => each.address === address);
        if (tracker === undefined)
          throw new RangeError(
            `Cannot open a socket as its address is a tracker's: current value is ${address}`,
          );
        const way =
          ways.get(tracker) ?? new Way(this.#preset, listener.machine.place, tracker.place, this.#random);
        ways.set(tracker, way);
        return tracker.connect(listener, way, handlers);
      },
      onOpen: () => {
        listener.give({ type: 'trackerOpen' });
      },
      onMessage: (message) => {
        listener.give({ type: 'tracker', message });
      },
      onClosed: () => {
        listener.give({ type: 'trackerClosed' });
      },
    });
    this.#sockets.set(listener, socket);
    socket.start();
  }

  send(listener: SimulatedListener, message: ListenerMessage): void {
    this.#sockets.get(listener)?.send(message);
  }

  /** The listener is gone. `vanished`: its socket is noticed later. */
  leave(listener: SimulatedListener, how: 'closed' | 'vanished'): void {
    if (how === 'closed') this.#sockets.get(listener)?.close();
    else for (const tracker of this.#trackers) tracker.vanished(listener);
    this.#sockets.delete(listener);
  }

  /** Nothing runs on a machine that is gone. */
  #clockOf(listener: SimulatedListener): Clock {
    const time = this.#time;
    return {
      now: () => time.now,
      after(delayMs, run) {
        let pending = true;
        time.after(delayMs, () => {
          if (pending && listener.phase !== 'gone') run();
          pending = false;
        });
        return () => {
          pending = false;
        };
      },
    };
  }
}

import type { Socket, SocketHandlers } from '../../client/listener/environment.ts';
import { listenerMessageSchema } from '../../shared/tracker/listener-message-schema.ts';
import type { ListenerMessage, TrackerMessage } from '../../shared/tracker/messages.ts';
import type { TrackerInput, TrackerOptions, TrackerOutput } from '../../shared/tracker/tracker-io.ts';
import { Tracker } from '../../shared/tracker/tracker.ts';
import { peerId } from '../../shared/units.ts';
import type { RandomSource } from '../../shared/units.ts';
import { MOUNT } from '../support/virtual-origin.ts';
import type { SimulatedListener } from './listener-model.ts';
import type { Place } from './network/geography.ts';
import type { Way } from './network/machine.ts';
import type { SimulatedSeeding } from './seeding-model.ts';
import type { VirtualTime } from './virtual-time.ts';

/** TCP, TLS and the WebSocket's own hand-shake. */
const CONNECT_ROUND_TRIPS = 3;
/** What the server's one thread needs per message, ms: `bench:edge` saw 1,300 to 2,300 joins a second. */
const JOIN_WORK_MS = 0.6;
const MESSAGE_WORK_MS = 0.05;
/** The server's pings find a vanished socket so much later. */
const SOCKET_LOST_MS = 12_000;
/** A socket that ended without a word. */
const ABNORMAL_CLOSE = 1006;

interface Connection {
  readonly listener: SimulatedListener;
  readonly way: Way;
  readonly handlers: SocketHandlers;
  id: number;
  /** When the newest message of each direction arrives: a socket never changes their order. */
  inAt: number;
  outAt: number;
}

export interface TrackerEvents {
  /** A message, either way. */
  readonly message: () => void;
  readonly connecting: () => void;
  /** A community relay is leant on no more, as its children let it go. */
  readonly resting: () => void;
}

export interface SimulatedTrackerOptions {
  readonly address: string;
  readonly place: Place;
  readonly tracker: TrackerOptions;
  readonly random: RandomSource;
  readonly seeding: SimulatedSeeding;
  readonly byPeerId: Map<string, SimulatedListener>;
  readonly events: TrackerEvents;
}

/** The production tracker behind WebSockets with delays, and with one thread's work. */
export class SimulatedTracker {
  readonly address: string;
  readonly place: Place;
  readonly tracker: Tracker;
  readonly seeding: SimulatedSeeding;
  readonly #time: VirtualTime;
  readonly #events: TrackerEvents;
  readonly #byId = new Map<number, Connection>();
  readonly #byPeerId: Map<string, SimulatedListener>;
  #ids = 0;
  #up = true;
  #busyUntil = 0;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(time: VirtualTime, options: SimulatedTrackerOptions) {
    this.#time = time;
    this.address = options.address;
    this.place = options.place;
    this.seeding = options.seeding;
    this.#events = options.events;
    this.#byPeerId = options.byPeerId;
    this.tracker = new Tracker(options.tracker, options.random);
  }

  addMount(bitrateKbps: number): void {
    this.#handle({ type: 'mountAdded', mountId: MOUNT, bitrateKbps });
    this.#handle({ type: 'seedPath', mountId: MOUNT, up: true });
  }

  /** A listener opens a WebSocket; it may vanish (its phase) and then neither hears nor says any more. */
  connect(listener: SimulatedListener, way: Way, handlers: SocketHandlers): Socket {
    const connection: Connection = { listener, way, handlers, id: 0, inAt: 0, outAt: 0 };
    let phase: 'opening' | 'open' | 'closed' = 'opening';
    this.#events.connecting();
    this.#time.after(CONNECT_ROUND_TRIPS * way.roundTripMs, () => {
      if (listener.phase === 'gone' || phase === 'closed') return;
      if (!this.#up) {
        phase = 'closed';
        handlers.onClose(ABNORMAL_CLOSE);
        return;
      }
      phase = 'open';
      this.#accept(connection);
    });
    return {
      send: (text) => {
        if (phase === 'open') this.#receive(connection, text);
      },
      close: () => {
        if (phase === 'open')
          this.#time.after(way.crossing(), () => {
            this.#drop(connection.id);
          });
        phase = 'closed';
      },
    };
  }

  /** The listener vanished with its sockets. */
  vanished(listener: SimulatedListener): void {
    for (const { id, listener: its } of this.#byId.values()) {
      if (its !== listener) continue;
      this.#time.after(SOCKET_LOST_MS, () => {
        this.#drop(id);
      });
    }
  }

  /** The tracker's address stops answering; its process lives on and hears of nothing. */
  suspend(): void {
    this.#up = false;
    for (const { id, handlers, listener } of this.#byId.values()) {
      this.#drop(id);
      if (listener.phase !== 'gone') handlers.onClose(ABNORMAL_CLOSE);
    }
  }

  resume(): void {
    this.#up = true;
  }

  #accept(connection: Connection): void {
    this.#ids += 1;
    connection.id = this.#ids;
    this.#byId.set(connection.id, connection);
    this.#handle({ type: 'connected', connection: connection.id, address: addressOf(connection.listener) });
    connection.handlers.onOpen();
  }

  #receive(connection: Connection, text: string): void {
    this.#events.message();
    const message = listenerMessageSchema.parse(JSON.parse(text));
    connection.inAt = Math.max(connection.inAt, this.#time.now + connection.way.crossing());
    this.#time.at(connection.inAt, () => {
      this.#work(workOf(message), () => {
        if (this.#byId.has(connection.id))
          this.#handle({ type: 'message', connection: connection.id, message });
      });
    });
  }

  #handle(input: TrackerInput): void {
    for (const output of this.tracker.handle(this.#time.now, input)) this.#obey(output);
    this.#arm();
  }

  #drop(id: number): void {
    if (this.#byId.delete(id)) this.#handle({ type: 'disconnected', connection: id });
  }

  #obey(output: TrackerOutput): void {
    switch (output.type) {
      case 'send':
      case 'assignSeed': {
        const connection = this.#byId.get(output.connection);
        if (connection === undefined) return;
        const { listener } = connection;
        if (output.type === 'assignSeed') {
          this.#tell(connection, this.seeding.assign(listener, output));
          return;
        }
        if (output.message.type === 'welcome') {
          const id = peerId(output.message.peerId);
          listener.peerId = id;
          this.#byPeerId.set(id, listener);
        }
        this.#tell(connection, output.message);
        return;
      }
      case 'releaseSeed': {
        const listener = this.#byPeerId.get(output.peerId);
        if (listener !== undefined) this.seeding.release(listener);
        return;
      }
      case 'close': {
        const connection = this.#byId.get(output.connection);
        this.#byId.delete(output.connection);
        if (connection === undefined) return;
        this.#time.after(connection.way.crossing(), () => {
          if (connection.listener.phase !== 'gone') connection.handlers.onClose(output.code);
        });
        return;
      }
      case 'resting':
        this.#events.resting();
        return;
      case 'edgeComplaint':
      case 'seedFailed':
      case 'distrusted':
      case 'connectSeed':
        return;
    }
  }

  #tell(connection: Connection, message: TrackerMessage): void {
    this.#events.message();
    const text = JSON.stringify(message);
    const arrival = Math.max(this.#time.now, this.#busyUntil) + connection.way.crossing();
    connection.outAt = Math.max(connection.outAt, arrival);
    this.#time.at(connection.outAt, () => {
      if (connection.listener.phase !== 'gone') connection.handlers.onText(text);
    });
  }

  /** The one thread does one thing after the other. */
  #work(forMs: number, run: () => void): void {
    this.#busyUntil = Math.max(this.#time.now, this.#busyUntil) + forMs;
    this.#time.at(this.#busyUntil, run);
  }

  #arm(): void {
    const deadline = this.tracker.deadline();
    if (deadline === null || deadline >= this.#armedFor) return;
    this.#armedFor = deadline;
    this.#time.at(deadline, () => {
      if (this.#armedFor !== deadline) return;
      this.#armedFor = Number.POSITIVE_INFINITY;
      this.#handle({ type: 'tick' });
    });
  }
}

const workOf = ({ type }: ListenerMessage): number => (type === 'join' ? JOIN_WORK_MS : MESSAGE_WORK_MS);

const addressOf = ({ index }: SimulatedListener): string =>
  `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;

import { BackOff } from '../../client/listener/back-off.ts';
import { LOST_SPREAD_MS, STABLE_AFTER_MS, TRACKER_BACK_OFF } from '../../client/listener/tracker-socket.ts';
import type { ListenerMessage } from '../../shared/tracker/messages.ts';
import type { TrackerInput, TrackerOptions, TrackerOutput } from '../../shared/tracker/tracker-io.ts';
import { Tracker } from '../../shared/tracker/tracker.ts';
import { peerId } from '../../shared/units.ts';
import type { RandomSource } from '../../shared/units.ts';
import { MOUNT } from '../support/virtual-origin.ts';
import type { SimulatedListener } from './listener-model.ts';
import { HOME } from './network/geography.ts';
import { Way } from './network/machine.ts';
import type { NetworkPreset } from './network/presets.ts';
import type { SimulatedSeeding } from './seeding-model.ts';
import type { VirtualTime } from './virtual-time.ts';

/** TCP, TLS and the WebSocket's own hand-shake. */
const CONNECT_ROUND_TRIPS = 3;
/** What the server's one thread needs per message, ms: `bench:edge` saw 1,300 to 2,300 joins a second. */
const JOIN_WORK_MS = 0.6;
const MESSAGE_WORK_MS = 0.05;

interface Connection {
  readonly listener: SimulatedListener;
  readonly way: Way;
  readonly backOff: BackOff;
  phase: 'waiting' | 'opening' | 'open';
  id: number;
  /** When the newest message of each direction arrives: a socket never changes their order. */
  inAt: number;
  outAt: number;
}

export interface TrackerEvents {
  /** A message, either way; `kind` is its type. */
  readonly message: (kind: string) => void;
  readonly connecting: () => void;
}

/** The production tracker behind sockets with delays, one thread's work, and listeners that come back to it. */
export class SimulatedTracker {
  readonly tracker: Tracker;
  readonly #time: VirtualTime;
  readonly #preset: NetworkPreset;
  readonly #random: RandomSource;
  readonly #seeding: SimulatedSeeding;
  readonly #events: TrackerEvents;
  readonly #connections = new Map<SimulatedListener, Connection>();
  readonly #byId = new Map<number, Connection>();
  readonly #byPeerId: Map<string, SimulatedListener>;
  #ids = 0;
  #up = true;
  #busyUntil = 0;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(
    time: VirtualTime,
    preset: NetworkPreset,
    options: TrackerOptions,
    seeding: SimulatedSeeding,
    random: RandomSource,
    byPeerId: Map<string, SimulatedListener>,
    events: TrackerEvents,
  ) {
    this.#time = time;
    this.#preset = preset;
    this.#seeding = seeding;
    this.#random = random;
    this.#byPeerId = byPeerId;
    this.#events = events;
    this.tracker = new Tracker(options, random);
  }

  addMount(bitrateKbps: number): void {
    this.handle({ type: 'mountAdded', mountId: MOUNT, bitrateKbps });
    this.handle({ type: 'seedPath', mountId: MOUNT, up: true });
  }

  /** A listener opens its socket, and keeps one from now on. */
  join(listener: SimulatedListener): void {
    const connection: Connection = {
      listener,
      way: new Way(this.#preset, listener.machine.place, HOME, this.#random),
      backOff: new BackOff(TRACKER_BACK_OFF, this.#random),
      phase: 'waiting',
      id: 0,
      inAt: 0,
      outAt: 0,
    };
    this.#connections.set(listener, connection);
    this.#open(connection);
  }

  send(listener: SimulatedListener, message: ListenerMessage): void {
    const connection = this.#connections.get(listener);
    if (connection === undefined || connection.phase !== 'open') return;
    this.#events.message(message.type);
    const { id } = connection;
    connection.inAt = Math.max(connection.inAt, this.#time.now + connection.way.crossing());
    this.#time.at(connection.inAt, () => {
      this.#work(message.type === 'join' ? JOIN_WORK_MS : MESSAGE_WORK_MS, () => {
        if (this.#byId.has(id)) this.handle({ type: 'message', connection: id, message });
      });
    });
  }

  /** The listener is gone. `vanished`: its socket is noticed later. */
  leave(listener: SimulatedListener, how: 'closed' | 'vanished'): void {
    const connection = this.#connections.get(listener);
    this.#connections.delete(listener);
    if (connection === undefined || connection.phase !== 'open') return;
    const { id } = connection;
    this.#time.after(how === 'closed' ? connection.way.crossing() : SOCKET_LOST_MS, () => {
      this.#drop(id);
    });
  }

  /** The tracker's address stops answering; its process lives on and hears of nothing. */
  suspend(): void {
    this.#up = false;
    for (const connection of this.#byId.values()) {
      this.#drop(connection.id);
      this.#lost(connection);
    }
  }

  resume(): void {
    this.#up = true;
  }

  handle(input: TrackerInput): void {
    for (const output of this.tracker.handle(this.#time.now, input)) this.#obey(output);
    this.#arm();
  }

  #open(connection: Connection): void {
    if (connection.listener.phase === 'gone') return;
    connection.phase = 'opening';
    this.#events.connecting();
    this.#time.after(CONNECT_ROUND_TRIPS * connection.way.roundTripMs, () => {
      if (connection.listener.phase === 'gone') return;
      if (!this.#up) {
        this.#retry(connection);
        return;
      }
      this.#ids += 1;
      connection.id = this.#ids;
      connection.phase = 'open';
      this.#byId.set(connection.id, connection);
      const { id } = connection;
      this.handle({ type: 'connected', connection: id, address: addressOf(connection.listener.index) });
      this.#time.after(STABLE_AFTER_MS, () => {
        if (connection.id === id && connection.phase === 'open') connection.backOff.reset(LOST_SPREAD_MS);
      });
      connection.listener.give({ type: 'trackerOpen' });
    });
  }

  #lost(connection: Connection): void {
    if (connection.listener.phase === 'gone') return;
    connection.listener.give({ type: 'trackerClosed' });
    this.#retry(connection);
  }

  #retry(connection: Connection): void {
    connection.phase = 'waiting';
    this.#time.after(connection.backOff.nextDelayMs(), () => {
      this.#open(connection);
    });
  }

  #drop(id: number): void {
    if (this.#byId.delete(id)) this.handle({ type: 'disconnected', connection: id });
  }

  #obey(output: TrackerOutput): void {
    switch (output.type) {
      case 'send': {
        const connection = this.#byId.get(output.connection);
        if (connection === undefined) return;
        const { message } = output;
        const { listener } = connection;
        this.#events.message(message.type);
        if (message.type === 'welcome') {
          const id = peerId(message.peerId);
          listener.peerId = id;
          this.#byPeerId.set(id, listener);
        }
        this.#time.at(this.#outAt(connection), () => {
          listener.give({ type: 'tracker', message });
        });
        return;
      }
      case 'assignSeed': {
        const connection = this.#byId.get(output.connection);
        if (connection === undefined) return;
        const message = this.#seeding.assign(connection.listener, output);
        this.#events.message(message.type);
        this.#time.at(this.#outAt(connection), () => {
          connection.listener.give({ type: 'tracker', message });
        });
        return;
      }
      case 'releaseSeed': {
        const listener = this.#byPeerId.get(output.peerId);
        if (listener !== undefined) this.#seeding.release(listener);
        return;
      }
      case 'close': {
        const connection = this.#byId.get(output.connection);
        this.#byId.delete(output.connection);
        if (connection !== undefined)
          this.#time.after(connection.way.crossing(), () => this.#lost(connection));
        return;
      }
      case 'edgeComplaint':
      case 'connectSeed':
        return;
    }
  }

  #outAt(connection: Connection): number {
    const arrival = Math.max(this.#time.now, this.#busyUntil) + connection.way.crossing();
    connection.outAt = Math.max(connection.outAt, arrival);
    return connection.outAt;
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
      this.handle({ type: 'tick' });
    });
  }
}

/** The server's pings find a vanished socket so much later. */
const SOCKET_LOST_MS = 12_000;

const addressOf = (index: number): string => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;

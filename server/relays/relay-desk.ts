import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { unixMillis } from '../../shared/units.ts';
import type { MountId, RandomSource } from '../../shared/units.ts';
import type { Addresses } from '../edge/edge-network.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { isSignedBy } from '../follow/chunk-check.ts';
import type { Log } from '../log.ts';
import { upgradesOf } from '../upgrades.ts';
import { probeRelay, whyNotReachable } from './probe.ts';
import { makePass, PASS_LIFETIME_MS } from './relay-pass.ts';
import {
  fromRelaySchema,
  helloText,
  RELAY_MESSAGE_LENGTH_MAX,
  RELAY_PATH,
  RELAY_PROTOCOL_VERSION,
} from './relay-messages.ts';
import type { FromRelay, RelayFigures, RelayHello, ToRelay } from './relay-messages.ts';
import { ThanksBook } from './thanks-book.ts';
import type { ToldThanks } from './thanks.ts';
import type { FromSeeder, ToSeeder } from './seeding-messages.ts';
import { RelaySeeders } from './relay-seeders.ts';
import { FAILURES_TO_DROP, RelayRegister } from './relay-register.ts';
import type { RelayEntry, RelayIntroduction, RelayPolicy } from './relay-register.ts';

export interface SigningStation extends LiveStation {
  readonly sign: (data: Uint8Array) => Uint8Array;
}

export interface RelayDeskOptions {
  readonly stations: readonly SigningStation[];
  readonly policy: RelayPolicy;
  readonly clientAddress: (request: IncomingMessage) => string;
  /** Other edges and trackers that a relay may use, besides us. */
  readonly addresses: (stationId: string) => Addresses;
  /** The relays that listeners are told of have changed. */
  readonly onChange: (stationId: string) => void;
  readonly log: Log;
  readonly random: RandomSource;
}

/** Probes of one relay: this far apart, and sooner after a failure, so that it is noticed within 5 s. */
export const PROBE_INTERVAL_MS = 1_500;
export const PROBE_AGAIN_MS = 400;
/** One that keeps failing is asked ever more rarely. */
const PROBE_INTERVAL_MAX_MS = 60_000;
const HELLO_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 10_000;
/** Connections of relays that have not proved themselves yet. */
const STRANGERS_MAX = 100;
const MESSAGES_PER_SECOND_MAX = 5;

/**
 * The origin's desk for relays: takes their connections, has them prove their keys and addresses, probes them, and
 * keeps the register of those that listeners are told of.
 */
export class RelayDesk {
  /** Those that can feed seeds. */
  readonly seeders = new RelaySeeders((relayKey) => this.isOffered(relayKey));
  readonly #options: RelayDeskOptions;
  readonly #register: RelayRegister;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: RELAY_MESSAGE_LENGTH_MAX,
  });
  readonly #connections = new Map<number, Connection>();
  /** Timers of the probes, by relay key. */
  readonly #probes = new Map<string, NodeJS.Timeout>();
  readonly #thanks = new ThanksBook();
  readonly #offered = new Map<string, string>();
  readonly #housekeeping: NodeJS.Timeout;
  #lastConnection = 0;
  #isClosed = false;

  constructor(options: RelayDeskOptions) {
    this.#options = options;
    this.#register = new RelayRegister(options.policy, options.random);
    this.#housekeeping = setInterval(() => this.#keepHouse(), PING_INTERVAL_MS);
    this.#housekeeping.unref();
  }

  /** Returns how to stop taking connections. */
  listen(httpServer: Server): () => void {
    return upgradesOf(httpServer).answer(RELAY_PATH, (request, socket, head) => {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.#opened(webSocket, this.#options.clientAddress(request));
      });
    });
  }

  get relays(): readonly RelayEntry[] {
    return this.#register.entries;
  }

  /** What relays that want to be named say, signed, that they gave this month; those that gave most first. */
  thanks(): readonly ToldThanks[] {
    const stationKeys = this.#options.stations.map(({ publicKeyText }) => publicKeyText);
    const here = new Set(
      this.#register.entries
        .filter(({ connections }) => connections.size > 0)
        .map(({ relayKey }) => relayKey),
    );
    return this.#thanks.told(Date.now(), stationKeys, (relayKey) => here.has(relayKey));
  }

  whyNotThanked(relayKey: string): string {
    return this.#thanks.whyNot(relayKey);
  }

  isOffered(relayKey: string): boolean {
    return this.#register.isOffered(performance.now(), relayKey);
  }

  /** Whether this relay may take a stream; null: yes, else why not. */
  whyNot(relayKey: string): string | null {
    return this.#register.whyNot(performance.now(), relayKey);
  }

  /** @param mountId those that have this mount; null: those that have all. */
  pick(stationId: string, mountId: MountId | null): readonly RelayEntry[] {
    return this.#register.pick(performance.now(), stationId, mountId);
  }

  complained(publicUrl: string, reason: string, complainant: string): void {
    this.#options.log.info({ relay: publicUrl, reason }, 'a listener complains of a relay');
    this.#register.complained(performance.now(), publicUrl, reason, complainant);
    this.#tellChanges();
  }

  /** Listeners at several addresses have complained of it as a peer: it is no relay of ours for a while. */
  distrusted(relayKey: string): void {
    this.#options.log.warn({ relay: relayKey }, 'listeners complain of a relay at home: it is dropped');
    const now = performance.now();
    for (const id of this.#register.distrusted(now, relayKey))
      this.#refuse(id, this.#register.whyNot(now, relayKey) ?? '');
    this.#tellChanges();
  }

  /** A relay that we feed takes our sound; null: it is banned. @param send for orders about seeds */
  fed(stationId: string, relay: RelayIntroduction, send: (message: ToSeeder) => void): FedConnection | null {
    this.#lastConnection += 1;
    const id = this.#lastConnection;
    const refusal = this.#register.enter(performance.now(), id, null, stationId, relay);
    if (refusal !== null) {
      this.#options.log.warn(
        { relay: relay.publicUrl, reason: refusal },
        'a relay that we feed is not offered',
      );
      return null;
    }
    this.#openSeeder(id, stationId, relay, send);
    this.#probeAfter(relay.relayKey, 0);
    return {
      heard: (message) => {
        if (message.type === 'figures') this.#tell(id, relay.relayKey, stationId, message.figures);
        else this.seeders.heard(id, message);
      },
      lost: () => {
        this.#register.lost(performance.now(), id);
        this.seeders.closed(id);
      },
    };
  }

  /** By its own word: listeners are led elsewhere at once. */
  leaving(relayKey: string): void {
    this.#register.leaving(relayKey);
    clearTimeout(this.#probes.get(relayKey));
    this.#probes.delete(relayKey);
    this.#tellChanges();
  }

  ban(relayKey: string): void {
    const connections = this.#register.ban(relayKey);
    this.#thanks.forget(relayKey);
    clearTimeout(this.#probes.get(relayKey));
    this.#probes.delete(relayKey);
    for (const id of connections) this.#refuse(id, this.#register.whyNot(performance.now(), relayKey) ?? '');
    this.#tellChanges();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#housekeeping);
    for (const timer of this.#probes.values()) clearTimeout(timer);
    for (const { socket } of this.#connections.values()) socket.terminate();
    this.#webSockets.close();
  }

  #opened(socket: WebSocket, address: string): void {
    const strangers = [...this.#connections.values()].filter(({ hello }) => hello === null).length;
    if (strangers >= STRANGERS_MAX || this.#isClosed) {
      socket.close(1013);
      return;
    }
    this.#lastConnection += 1;
    const id = this.#lastConnection;
    const connection: Connection = {
      socket,
      address,
      nonce: randomBytes(24).toString('base64url'),
      hello: null,
      stationId: '',
      passUntilMs: 0,
      isAlive: true,
      messages: 0,
      timeout: setTimeout(() => socket.terminate(), HELLO_TIMEOUT_MS),
    };
    this.#connections.set(id, connection);
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#received(id, connection, isBinary ? null : parse(data));
    });
    socket.on('pong', () => {
      connection.isAlive = true;
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(connection.timeout);
      this.#connections.delete(id);
      this.#register.lost(performance.now(), id);
      this.seeders.closed(id);
    });
    send(socket, { type: 'challenge', nonce: connection.nonce });
  }

  #received(id: number, connection: Connection, message: FromRelay | null): void {
    // What we asked for is not counted.
    if (message !== null && isOfSeeder(message) && this.seeders.heard(id, message)) return;
    connection.messages += 1;
    if (message === null || connection.messages > (MESSAGES_PER_SECOND_MAX * PING_INTERVAL_MS) / 1000) {
      connection.socket.close(1008, 'not a message of this protocol, or too many');
      return;
    }
    if (message.type === 'figures') {
      const { hello, stationId } = connection;
      if (hello !== null) this.#tell(id, hello.relayKey, stationId, message.figures);
    } else if (message.type === 'leaving') this.#leaving(connection);
    else if (message.type === 'hello' && connection.hello === null) this.#hello(id, connection, message);
  }

  #hello(id: number, connection: Connection, hello: RelayHello): void {
    clearTimeout(connection.timeout);
    const station = this.#options.stations.find(({ publicKeyText }) => publicKeyText === hello.stationKey);
    const text = helloText(connection.nonce, hello.stationKey, hello.publicUrl);
    const isProved = isSignedBy(hello.relayKey, text, Buffer.from(hello.signature, 'base64url'));
    const refusal =
      hello.version !== RELAY_PROTOCOL_VERSION
        ? `This station speaks version ${RELAY_PROTOCOL_VERSION} to relays, not ${hello.version}: one of the two is out of date`
        : station === undefined
          ? 'There is no station with this key here'
          : isProved
            ? this.#register.enter(performance.now(), id, connection.address, station.id, hello)
            : "The signature is not this relay key's";
    if (refusal !== null || station === undefined) {
      this.#refuse(id, refusal ?? '');
      return;
    }
    connection.hello = hello;
    connection.stationId = station.id;
    this.#options.log.info(
      { relay: hello.relayKey, nickname: hello.nickname, publicUrl: hello.publicUrl },
      'a relay has come',
    );
    this.#sendState(connection);
    if (hello.publicUrl === null) return;
    this.#openSeeder(id, station.id, hello, (message) => send(connection.socket, message));
    this.#probeAfter(hello.relayKey, 0);
  }

  /** Without an address it feeds no seeds. */
  #openSeeder(
    id: number,
    stationId: string,
    { relayKey, publicUrl, mountIds }: RelayIntroduction,
    send: (message: ToSeeder) => void,
  ): void {
    const station = this.#options.stations.find((each) => each.id === stationId);
    if (station === undefined || publicUrl === null) return;
    const ids = station.mounts.map((mount) => mount.id).filter((mount) => mountIds?.includes(mount) ?? true);
    this.seeders.opened(id, { relayKey, publicUrl, mountIds: new Set(ids), send });
  }

  #tell(id: number, relayKey: string, stationId: string, figures: RelayFigures): void {
    this.#register.tell(id, figures);
    this.seeders.told(id, figures.seeding, figures.load);
    const station = this.#options.stations.find((each) => each.id === stationId);
    if (figures.thanks === null || station === undefined) return;
    const time = { unixMs: Date.now(), monotonicMs: performance.now() };
    this.#thanks.take(time, relayKey, station.publicKeyText, figures.thanks);
  }

  #leaving(connection: Connection): void {
    if (connection.hello === null) return;
    this.#options.log.info({ relay: connection.hello.publicUrl }, 'a relay leaves');
    this.leaving(connection.hello.relayKey);
    this.#sendState(connection);
  }

  #refuse(id: number, reason: string): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    send(connection.socket, {
      type: 'state',
      allowed: false,
      offered: false,
      reason,
      pass: null,
      edges: [],
      trackers: [],
    });
    connection.socket.close(1008);
  }

  #sendState(connection: Connection): void {
    const { hello, socket, stationId } = connection;
    if (hello === null) return;
    const entry = this.#register.entries.find(({ relayKey }) => relayKey === hello.relayKey);
    const station = this.#options.stations.find(({ id }) => id === stationId);
    const pass =
      station === undefined ? null : makePass(station.sign, hello.relayKey, unixMillis(Date.now()));
    connection.passUntilMs = pass?.untilMs ?? 0;
    send(socket, {
      type: 'state',
      allowed: true,
      offered: this.isOffered(hello.relayKey),
      reason: (entry?.reason ?? '').slice(0, 500),
      pass,
      ...this.#options.addresses(stationId),
    });
  }

  #probeAfter(relayKey: string, ms: number): void {
    clearTimeout(this.#probes.get(relayKey));
    const timer = setTimeout(() => void this.#probe(relayKey), ms);
    timer.unref();
    this.#probes.set(relayKey, timer);
  }

  async #probe(relayKey: string): Promise<void> {
    const entry = this.#register.entries.find((candidate) => candidate.relayKey === relayKey);
    const station = this.#options.stations.find(({ id }) => id === entry?.stationId);
    if (entry === undefined || station === undefined || entry.publicUrl === null) {
      this.#probes.delete(relayKey);
      return;
    }
    const { publicUrl, probe } = entry;
    const isNew = (probe?.successesInARow ?? 0) === 0;
    const unreachable = isNew && !entry.isFed ? await this.#whyNotReachable(entry, publicUrl) : null;
    const result =
      unreachable === null
        ? await probeRelay(
            { relayKey, publicUrl, isNew },
            {
              mounts: station.mounts.filter(({ id }) => entry.mountIds?.includes(id) ?? true),
              random: this.#options.random,
              now: () => unixMillis(Date.now()),
              clock: () => performance.now(),
              fetch: globalThis.fetch,
            },
          )
        : { ok: false as const, fault: 'wrong' as const, reason: unreachable };
    if (this.#isClosed || !this.#probes.has(relayKey)) return;
    this.#register.probed(performance.now(), relayKey, publicUrl, result);
    this.#tellChanges();
    const failures = this.#register.entries.find((candidate) => candidate.relayKey === relayKey)?.probe
      ?.failuresInARow;
    this.#probeAfter(relayKey, nextProbeMs(failures ?? 0));
  }

  async #whyNotReachable(entry: RelayEntry, publicUrl: string): Promise<string | null> {
    const address = [...entry.connections].map((id) => this.#connections.get(id)?.address ?? '').at(-1);
    return await whyNotReachable(publicUrl, address ?? '');
  }

  /** To the log, to those who are told of relays, and to the relays themselves. */
  #tellChanges(): void {
    for (const { id } of this.#options.stations) {
      const now = this.#register.offered(performance.now(), id).map(({ relayKey }) => relayKey);
      const text = now.join(',');
      const before = this.#offered.get(id) ?? '';
      if (text === before) continue;
      this.#offered.set(id, text);
      for (const entry of this.#register.entries) {
        if (before.includes(entry.relayKey) === now.includes(entry.relayKey)) continue;
        const { publicUrl, reason } = entry;
        if (now.includes(entry.relayKey)) this.#options.log.info({ relay: publicUrl }, 'a relay is offered');
        else this.#options.log.warn({ relay: publicUrl, reason }, 'a relay is no longer offered');
      }
      this.#options.onChange(id);
      this.seeders.changed();
      for (const connection of this.#connections.values())
        if (connection.stationId === id) this.#sendState(connection);
    }
  }

  #keepHouse(): void {
    this.#register.sweep(performance.now());
    this.#tellChanges();
    for (const connection of this.#connections.values()) {
      connection.messages = 0;
      if (connection.hello !== null && connection.passUntilMs - Date.now() < PASS_LIFETIME_MS / 2)
        this.#sendState(connection);
      if (connection.isAlive) {
        connection.isAlive = false;
        connection.socket.ping();
      } else connection.socket.terminate();
    }
  }
}

/** What comes of a relay that we feed. */
export interface FedConnection {
  heard(message: { readonly type: 'figures'; readonly figures: RelayFigures } | FromSeeder): void;
  lost(): void;
}

interface Connection {
  readonly socket: WebSocket;
  readonly address: string;
  readonly nonce: string;
  readonly timeout: NodeJS.Timeout;
  hello: RelayHello | null;
  stationId: string;
  /** Of the pass that it was last given. */
  passUntilMs: number;
  isAlive: boolean;
  /** Since the last housekeeping. */
  messages: number;
}

function nextProbeMs(failuresInARow: number): number {
  if (failuresInARow === 0) return PROBE_INTERVAL_MS;
  if (failuresInARow < FAILURES_TO_DROP) return PROBE_AGAIN_MS;
  return Math.min(PROBE_INTERVAL_MAX_MS, PROBE_INTERVAL_MS * 2 ** (failuresInARow - FAILURES_TO_DROP));
}

/** What a closing socket does not take is not worth keeping: its `close` tells. */
const send = (socket: WebSocket, message: ToRelay): void => {
  socket.send(JSON.stringify(message), () => undefined);
};

type OfSeeder = Extract<FromRelay, { type: 'seedOffer' | 'seedRefused' | 'seedEnded' }>;

const isOfSeeder = (message: FromRelay): message is OfSeeder =>
  message.type === 'seedOffer' || message.type === 'seedRefused' || message.type === 'seedEnded';

function parse(data: RawData): FromRelay | null {
  try {
    const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
    const parsed = fromRelaySchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

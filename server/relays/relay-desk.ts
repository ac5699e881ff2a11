import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { unixMillis } from '../../shared/units.ts';
import type { MountId, RandomSource } from '../../shared/units.ts';
import type { Verdict } from '../../shared/tracker/tracker-io.ts';
import type { Addresses } from '../edge/edge-network.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { isSignedBy } from '../follow/chunk-check.ts';
import type { Log } from '../log.ts';
import { upgradesOf } from '../upgrades.ts';
import { ProbeRounds } from './probe-rounds.ts';
import { makePass, PASS_LIFETIME_MS } from './relay-pass.ts';
import { isOfSeeder, parseFromRelay, sendToRelay } from './relay-connection.ts';
import type { RelayConnection } from './relay-connection.ts';
import { helloText, RELAY_MESSAGE_LENGTH_MAX, RELAY_PATH, RELAY_PROTOCOL_VERSION } from './relay-messages.ts';
import type { FromRelay, RelayFigures, RelayHello } from './relay-messages.ts';
import { ThanksBook } from './thanks-book.ts';
import type { ToldThanks } from './thanks.ts';
import type { FromSeeder, ToSeeder } from './seeding-messages.ts';
import { RelaySeeders } from './relay-seeders.ts';
import { RelayRegister } from './relay-register.ts';
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
  readonly #connections = new Map<number, RelayConnection>();
  readonly #probes: ProbeRounds;
  readonly #thanks = new ThanksBook();
  readonly #offered = new Map<string, string>();
  readonly #housekeeping: NodeJS.Timeout;
  #lastConnection = 0;
  #isClosed = false;

  constructor(options: RelayDeskOptions) {
    this.#options = options;
    this.#register = new RelayRegister(options.policy, options.random);
    this.#probes = new ProbeRounds({
      register: this.#register,
      stations: options.stations,
      addressOf: ({ connections }) =>
        [...connections].map((id) => this.#connections.get(id)?.address ?? '').at(-1) ?? '',
      onProbed: () => {
        this.#tellChanges();
      },
      random: options.random,
    });
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

  /** Whether it may be a seed before listeners. */
  isLeantOn(relayKey: string): boolean {
    return this.whyNot(relayKey) === null && !this.#register.isResting(performance.now(), relayKey);
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

  /** Listeners at several addresses have complained of it as a peer. */
  judged(relayKey: string, verdict: Verdict): void {
    const now = performance.now();
    if (verdict === 'resting') {
      this.#options.log.warn(
        { relay: relayKey },
        'listeners let a relay at home go for late sound: it rests',
      );
      this.#register.rest(now, relayKey);
      for (const connection of this.#connections.values())
        if (connection.hello?.relayKey === relayKey) this.#sendState(connection);
      return;
    }
    this.#options.log.warn({ relay: relayKey }, 'listeners complain of a relay at home: it is dropped');
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
    this.#probes.begin(relay.relayKey);
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
    this.#probes.end(relayKey);
    this.#tellChanges();
  }

  ban(relayKey: string): void {
    const connections = this.#register.ban(relayKey);
    this.#thanks.forget(relayKey);
    this.#probes.end(relayKey);
    for (const id of connections) this.#refuse(id, this.#register.whyNot(performance.now(), relayKey) ?? '');
    this.#tellChanges();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#housekeeping);
    this.#probes.close();
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
    const connection: RelayConnection = {
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
      this.#received(id, connection, isBinary ? null : parseFromRelay(data));
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
    sendToRelay(socket, { type: 'challenge', nonce: connection.nonce });
  }

  #received(id: number, connection: RelayConnection, message: FromRelay | null): void {
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

  #hello(id: number, connection: RelayConnection, hello: RelayHello): void {
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
    this.#openSeeder(id, station.id, hello, (message) => sendToRelay(connection.socket, message));
    this.#probes.begin(hello.relayKey);
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

  #leaving(connection: RelayConnection): void {
    if (connection.hello === null) return;
    this.#options.log.info({ relay: connection.hello.publicUrl }, 'a relay leaves');
    this.leaving(connection.hello.relayKey);
    this.#sendState(connection);
  }

  #refuse(id: number, reason: string): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    sendToRelay(connection.socket, {
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

  #sendState(connection: RelayConnection): void {
    const { hello, socket, stationId } = connection;
    if (hello === null) return;
    const entry = this.#register.entries.find(({ relayKey }) => relayKey === hello.relayKey);
    const station = this.#options.stations.find(({ id }) => id === stationId);
    const pass =
      station === undefined ? null : makePass(station.sign, hello.relayKey, unixMillis(Date.now()));
    connection.passUntilMs = pass?.untilMs ?? 0;
    sendToRelay(socket, {
      type: 'state',
      allowed: true,
      offered: this.isOffered(hello.relayKey),
      reason: (entry?.reason ?? '').slice(0, 500),
      pass,
      ...this.#options.addresses(stationId),
    });
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
    for (const id of this.#register.sweep(performance.now())) {
      const connection = this.#connections.get(id);
      if (connection !== undefined) this.#sendState(connection);
    }
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

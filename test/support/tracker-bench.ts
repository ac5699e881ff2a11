import { TRACKER_DEFAULTS } from '../../shared/tracker/limits.ts';
import { INTRODUCTION_MAX } from '../../shared/tracker/messages.ts';
import type {
  ListenerMessage,
  Participation,
  Report,
  TrackerMessage,
} from '../../shared/tracker/messages.ts';
import type {
  SeedAssignment,
  SwarmSnapshot,
  TrackerInput,
  TrackerOptions,
  TrackerOutput,
} from '../../shared/tracker/tracker-io.ts';
import { Tracker } from '../../shared/tracker/tracker.ts';
import { millis, mountId, unixMillis } from '../../shared/units.ts';
import type { PeerId, RandomSource } from '../../shared/units.ts';

export const MOUNT = mountId('00000000000000aa');
const BITRATE_KBPS = 128;

/** A listener as the tracker sees it: what it was sent, and what it knows from that. */
export interface FakeListener {
  readonly connection: number;
  readonly address: string;
  peerId: string;
  secret: string;
  readonly inbox: TrackerMessage[];
  readonly neighbours: Set<string>;
  /** The last seed order; null before the first. */
  seed: SeedAssignment | null;
  /** Code and reason with which the tracker closed, or null. */
  closed: { readonly code: number; readonly reason: string } | null;
  primaryStripe: number;
}

export interface JoinOptions {
  readonly participation?: Participation;
  readonly uploadCapKbps?: number;
  readonly address?: string;
  /** What is left of a listener whose connection was lost: it keeps its links and its seed's place. */
  readonly resume?: FakeListener;
  readonly neighbours?: readonly string[];
}

/** A tracker with a fake clock and listeners that only listen: rules are checked on every output. */
export class TrackerBench {
  now = 1_000;
  readonly tracker: Tracker;
  readonly listeners = new Map<number, FakeListener>();
  readonly outputs: TrackerOutput[] = [];
  #connections = 0;

  constructor(random: RandomSource, options: Partial<TrackerOptions> = {}) {
    this.tracker = new Tracker(
      {
        ...TRACKER_DEFAULTS,
        peersPerAddressMax: 100_000,
        swarmSizeMax: 100_000,
        unixTime: (now) => unixMillis(1_700_000_000_000 + now),
        ...options,
      },
      random,
    );
    this.input({ type: 'mountAdded', mountId: MOUNT, bitrateKbps: BITRATE_KBPS });
  }

  get swarm(): SwarmSnapshot {
    const [swarm] = this.tracker.snapshot().swarms;
    if (swarm === undefined)
      throw new Error('Cannot look at a swarm as none is there: current value is undefined');
    return swarm;
  }

  connect(address?: string): FakeListener {
    this.#connections += 1;
    const connection = this.#connections;
    const listener: FakeListener = {
      connection,
      address: address ?? `10.0.${connection >> 8}.${connection & 255}`,
      peerId: '',
      secret: '',
      inbox: [],
      neighbours: new Set(),
      seed: null,
      closed: null,
      primaryStripe: -1,
    };
    this.listeners.set(connection, listener);
    this.input({ type: 'connected', connection, address: listener.address });
    return listener;
  }

  join(options: JoinOptions = {}): FakeListener {
    const listener = this.connect(options.address);
    for (const neighbour of options.neighbours ?? options.resume?.neighbours ?? [])
      listener.neighbours.add(neighbour);
    listener.seed = options.resume?.seed ?? null;
    this.say(listener, joinMessage(options));
    return listener;
  }

  joinMany(count: number, options: JoinOptions = {}): FakeListener[] {
    return Array.from({ length: count }, () => this.join(options));
  }

  say(listener: FakeListener, message: ListenerMessage): void {
    this.input({ type: 'message', connection: listener.connection, message });
  }

  leave(listener: FakeListener): void {
    this.say(listener, { type: 'leave' });
  }

  disconnect(listener: FakeListener): void {
    this.listeners.delete(listener.connection);
    this.input({ type: 'disconnected', connection: listener.connection });
  }

  report(listener: FakeListener, report: Partial<Report> = {}): void {
    this.say(listener, { type: 'report', report: { ...HEALTHY, ...report } });
  }

  seedPath(up: boolean): void {
    this.input({ type: 'seedPath', mountId: MOUNT, up });
  }

  stalled(peerId: PeerId): void {
    this.input({ type: 'seedStalled', mountId: MOUNT, peerId });
  }

  /** Lets time pass, ticking exactly when the tracker asks for it. */
  pass(duration: number): void {
    const end = this.now + duration;
    for (let due = this.tracker.deadline(); due !== null && due <= end; due = this.tracker.deadline()) {
      this.now = Math.max(this.now, due);
      this.input({ type: 'tick' });
    }
    this.now = end;
  }

  input(input: TrackerInput): void {
    for (const output of this.tracker.handle(millis(this.now), input)) this.#perform(output);
  }

  byId(peerId: string): FakeListener {
    const found = [...this.listeners.values()].find((listener) => listener.peerId === peerId);
    if (found === undefined)
      throw new Error(`Cannot find a listener as none has the id: current value is ${peerId}`);
    return found;
  }

  #perform(output: TrackerOutput): void {
    this.outputs.push(output);
    if (!('connection' in output)) return;
    const listener = this.listeners.get(output.connection);
    if (listener === undefined)
      throw new Error(`Cannot perform as a connection is gone: ${JSON.stringify(output)}`);
    if (output.type === 'close') {
      listener.closed = { code: output.code, reason: output.reason };
      this.listeners.delete(output.connection);
    } else if (output.type === 'assignSeed') listener.seed = output;
    else this.#receive(listener, output.message);
  }

  #receive(listener: FakeListener, message: TrackerMessage): void {
    listener.inbox.push(message);
    if (message.type === 'welcome') {
      listener.peerId = message.peerId;
      listener.secret = message.secret;
      listener.primaryStripe = message.primaryStripe;
    }
    if (message.type === 'peerLeft') listener.neighbours.delete(message.peerId);
    if (message.type !== 'welcome' && message.type !== 'introduce') return;
    if (message.neighbours.length > INTRODUCTION_MAX)
      throw new Error(`Cannot introduce as there is a limit: current value is ${message.neighbours.length}`);
    for (const { peerId } of message.neighbours) {
      if (peerId === listener.peerId)
        throw new Error(`Cannot introduce a peer to itself: current value is ${peerId}`);
      if (listener.neighbours.has(peerId))
        throw new Error(`Cannot introduce twice: current value is ${peerId}`);
      this.byId(peerId).neighbours.add(listener.peerId);
      listener.neighbours.add(peerId);
    }
    for (const { peerIds } of message.proposals)
      for (const peerId of peerIds)
        if (!listener.neighbours.has(peerId))
          throw new Error(`Cannot propose a parent as it is no neighbour: current value is ${peerId}`);
  }
}

export const HEALTHY: Report = {
  uploadCapKbps: 1_000,
  childSlotsFree: 20,
  childCount: 4,
  neighbourCount: 8,
  depths: [1, 1, 1, 1],
  bytesFromPeers: 0,
  bytesFromEdges: 0,
  bytesToPeers: 0,
  playedOnTime: 1,
  bufferMs: 2_500,
};

export function joinMessage(options: JoinOptions = {}): Extract<ListenerMessage, { type: 'join' }> {
  return {
    type: 'join',
    version: 1,
    mountId: MOUNT,
    participation: options.participation ?? 'relay',
    uploadCapKbps: options.uploadCapKbps ?? 1_000,
    resume:
      options.resume === undefined
        ? undefined
        : { peerId: options.resume.peerId, secret: options.resume.secret },
    neighbours: options.neighbours ?? [...(options.resume?.neighbours ?? [])],
  };
}

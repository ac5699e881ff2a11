import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { EdgeCause, EngineInput, EngineOptions, EngineOutput } from '../../shared/swarm/engine-io.ts';
import { ListenerEngine } from '../../shared/swarm/engine.ts';
import type { TrackerInput, TrackerOutput } from '../../shared/tracker/tracker-io.ts';
import { Tracker } from '../../shared/tracker/tracker.ts';
import { epoch, kilobitsPerSecond, millis, peerId, sequence, unixMillis } from '../../shared/units.ts';
import type { PeerId, RandomSource, Stripe } from '../../shared/units.ts';
import { LINK_SETUP_TIMEOUT_MS } from '../../client/listener/peer-link.ts';
import { EventQueue } from './event-queue.ts';
import { seededRandom } from './seeded-random.ts';
import { CHUNK_MS, isGenuine, MOUNT, UNIX_START_MS, VirtualOrigin } from './virtual-origin.ts';

/** One listener of a virtual swarm: the real engine, and what the world around it knows. */
export interface VirtualListener {
  readonly index: number;
  readonly engine: ListenerEngine;
  readonly connection: number;
  readonly links: Map<VirtualListener, VirtualLink>;
  id: string | null;
  alive: boolean;
  timerAt: number;
  streamed: readonly Stripe[];
  streamCause: 'seed' | 'fallback';
  seededOverWebrtc: boolean;
  readonly played: Chunk[];
  dueCount: number;
  inTimeCount: number;
  readonly latenciesMs: number[];
  readonly joinedAt: number;
  firstPlayAt: number | null;
  /** Set by a test to change what this listener sends. */
  tamper: ((data: Uint8Array) => Uint8Array | null) | null;
}

interface VirtualLink {
  readonly phase: 'opening' | 'open';
}

export interface VirtualSwarmOptions {
  readonly seed: number;
  readonly bitrateKbps?: number;
  readonly uploadCapKbps?: number;
  readonly peersAllowed?: boolean;
  readonly seedPathUp?: boolean;
}

/**
 * Real engines and the real tracker in one process and on virtual time, over a small honest network: 5–45 ms one way
 * between peers, 10–20 ms to the edge, 40–140 ms to open a link once both ends know of it: an offer and an answer
 * go as signals, by the tracker or by neighbours.
 */
export class VirtualSwarm {
  now = 1000;
  readonly origin: VirtualOrigin;
  readonly tracker: Tracker;
  readonly listeners: VirtualListener[] = [];
  readonly edgeBytes: Record<EdgeCause, number> = { seed: 0, burst: 0, repair: 0, fallback: 0 };
  readonly outputs: { readonly from: VirtualListener; readonly output: EngineOutput }[] = [];
  trackerUp = true;
  edgeUp = true;
  producing = true;
  private readonly queue = new EventQueue<() => void>();
  private readonly random: RandomSource;
  private readonly options: Required<VirtualSwarmOptions>;

  constructor(options: VirtualSwarmOptions) {
    this.options = {
      bitrateKbps: 128,
      uploadCapKbps: 2000,
      peersAllowed: true,
      seedPathUp: true,
      ...options,
    };
    this.random = seededRandom(options.seed);
    this.origin = new VirtualOrigin(this.options.bitrateKbps);
    this.tracker = new Tracker(
      {
        smallSwarmSize: 2,
        peersPerAddressMax: 10_000,
        swarmSizeMax: 100_000,
        messagesPerSecondMax: 50,
        reportIntervalMs: 5_000,
        unixTime: (now) => unixMillis(UNIX_START_MS + now),
      },
      seededRandom(options.seed + 1),
    );
    this.toTracker({ type: 'mountAdded', mountId: MOUNT, bitrateKbps: this.options.bitrateKbps });
    this.toTracker({ type: 'seedPath', mountId: MOUNT, up: this.options.seedPathUp });
    this.produceForever();
    this.tickTracker();
  }

  join(changes: Partial<EngineOptions> = {}): VirtualListener {
    const index = this.listeners.length;
    const options: EngineOptions = {
      mountId: MOUNT,
      participation: 'relay',
      bitrateKbps: this.options.bitrateKbps,
      uploadCapKbps: kilobitsPerSecond(this.options.uploadCapKbps),
      playoutDelayMs: 2500,
      peersAllowed: this.options.peersAllowed,
      ...changes,
    };
    const listener: VirtualListener = {
      index,
      engine: new ListenerEngine(options, seededRandom(this.options.seed * 1000 + index)),
      connection: index + 1,
      links: new Map(),
      id: null,
      alive: true,
      timerAt: Number.POSITIVE_INFINITY,
      streamed: [],
      streamCause: 'fallback',
      seededOverWebrtc: false,
      played: [],
      dueCount: 0,
      inTimeCount: 0,
      latenciesMs: [],
      joinedAt: this.now,
      firstPlayAt: null,
      tamper: null,
    };
    this.listeners.push(listener);
    this.give(listener, { type: 'start' });
    this.later(this.edgeDelay(), () => this.openTracker(listener));
    return listener;
  }

  /** The machine is gone: no goodbye; its links are seen to close after `noticedAfterMs`. */
  kill(listener: VirtualListener, noticedAfterMs = 100): void {
    listener.alive = false;
    this.toTracker({ type: 'disconnected', connection: listener.connection });
    for (const other of listener.links.keys()) {
      this.later(noticedAfterMs, () => this.unlink(other, listener, 'closed'));
    }
  }

  run(durationMs: number): void {
    const until = this.now + durationMs;
    for (let time = this.queue.nextTime(); time <= until; time = this.queue.nextTime()) {
      const run = this.queue.next();
      if (run === undefined) break;
      this.now = Math.max(this.now, time);
      run();
    }
    this.now = until;
  }

  alive(): VirtualListener[] {
    return this.listeners.filter((listener) => listener.alive);
  }

  find(id: string | null): VirtualListener | undefined {
    return this.listeners.find((listener) => listener.id !== null && listener.id === id);
  }

  setTracker(up: boolean): void {
    this.trackerUp = up;
    for (const listener of this.alive()) {
      if (!up) {
        this.toTracker({ type: 'disconnected', connection: listener.connection });
        this.give(listener, { type: 'trackerClosed' });
      } else this.later(this.random() * 5000, () => this.openTracker(listener));
    }
  }

  setSeedPath(up: boolean): void {
    this.toTracker({ type: 'seedPath', mountId: MOUNT, up });
  }

  /** Opens a link at once, as signalling would have. */
  link(one: VirtualListener, other: VirtualListener): void {
    if (!one.alive || !other.alive || one.links.get(other)?.phase === 'open') return;
    if (one.id === null || other.id === null) return;
    one.links.set(other, { phase: 'open' });
    other.links.set(one, { phase: 'open' });
    this.give(one, { type: 'linkOpen', peerId: peerId(other.id) });
    this.give(other, { type: 'linkOpen', peerId: peerId(one.id) });
  }

  give(listener: VirtualListener, input: EngineInput): void {
    if (!listener.alive) return;
    for (const output of listener.engine.handle(millis(this.now), input)) this.perform(listener, output);
    this.arm(listener);
  }

  private openTracker(listener: VirtualListener): void {
    if (!this.trackerUp || !listener.alive) return;
    this.toTracker({
      type: 'connected',
      connection: listener.connection,
      address: `10.0.0.${listener.index}`,
    });
    this.give(listener, { type: 'trackerOpen' });
  }

  private arm(listener: VirtualListener): void {
    const deadline = listener.engine.deadline() ?? Number.POSITIVE_INFINITY;
    if (deadline === listener.timerAt) return;
    listener.timerAt = deadline;
    if (!Number.isFinite(deadline)) return;
    this.queue.at(Math.max(deadline, this.now), () => {
      if (listener.timerAt !== deadline) return;
      listener.timerAt = Number.POSITIVE_INFINITY;
      this.now = Math.max(this.now, deadline);
      this.give(listener, { type: 'tick' });
    });
  }

  private perform(listener: VirtualListener, output: EngineOutput): void {
    this.outputs.push({ from: listener, output });
    switch (output.type) {
      case 'tracker':
        if (!this.trackerUp) return;
        this.later(this.edgeDelay(), () =>
          this.toTracker({ type: 'message', connection: listener.connection, message: output.message }),
        );
        return;
      case 'connect':
        this.offer(listener, output.peerId);
        return;
      case 'signal':
        this.hearSignal(listener, output.from, output.data);
        return;
      case 'disconnect': {
        const other = this.find(output.peerId);
        if (other === undefined) return;
        listener.links.delete(other);
        this.later(20, () => this.unlink(other, listener, output.reason));
        return;
      }
      case 'send': {
        const other = this.find(output.peerId);
        if (other === undefined || listener.links.get(other)?.phase !== 'open') return;
        const data = listener.tamper === null ? output.data : listener.tamper(output.data);
        if (data === null) return;
        this.later(5 + this.random() * 40, () => {
          if (listener.id === null || other.links.get(listener)?.phase !== 'open') return;
          this.give(other, { type: 'linkMessage', peerId: peerId(listener.id), data });
        });
        return;
      }
      case 'verify':
        this.later(0, () =>
          this.give(listener, { type: 'verified', ticket: output.ticket, genuine: isGenuine(output.chunk) }),
        );
        return;
      case 'fetchBurst':
        this.later(2 * this.edgeDelay(), () => this.answerBurst(listener, output.durationMs));
        return;
      case 'fetchChunk':
        this.later(2 * this.edgeDelay(), () => this.answerFetch(listener, output.epoch, output.sequence));
        return;
      case 'openStream':
        listener.streamed = output.stripes;
        listener.streamCause = output.cause;
        return;
      case 'seedTransport':
        listener.seededOverWebrtc = output.offer !== null;
        return;
      case 'play':
        listener.firstPlayAt ??= this.now;
        listener.played.push(output.chunk);
        return;
      case 'due':
        listener.dueCount += 1;
        if (output.inTime) listener.inTimeCount += 1;
        if (output.inTime && output.packagedAt !== null) {
          listener.latenciesMs.push(output.dueAt + UNIX_START_MS - output.packagedAt);
        }
        return;
      case 'parent':
      case 'misbehaviour':
        return;
    }
  }

  private offer(listener: VirtualListener, to: PeerId): void {
    const link: VirtualLink = { phase: 'opening' };
    const other = this.find(to);
    if (other !== undefined) listener.links.set(other, link);
    this.later(0, () => this.give(listener, { type: 'signal', to, data: 'offer' }));
    this.later(LINK_SETUP_TIMEOUT_MS, () => {
      if (other !== undefined && listener.links.get(other) !== link) return;
      if (other !== undefined) listener.links.delete(other);
      this.give(listener, { type: 'linkClosed', peerId: to, reason: 'no answer', end: 'unreachable' });
    });
  }

  private hearSignal(listener: VirtualListener, from: PeerId, data: string): void {
    const other = this.find(from);
    if (other === undefined || listener.id === null) return;
    const link = listener.links.get(other);
    if (data === 'offer') {
      // Glare: the other end sees our offer and answers it.
      if (link?.phase === 'opening' && listener.id < from) return;
      if (link?.phase === 'open') this.unlink(listener, other, 'replaced by a new offer');
      this.later(0, () => this.give(listener, { type: 'signal', to: from, data: 'answer' }));
    } else if (link?.phase === 'opening') {
      this.later(40 + this.random() * 100, () => {
        if (listener.links.get(other) === link) this.link(listener, other);
      });
    }
  }

  private answerBurst(listener: VirtualListener, durationMs: number): void {
    if (!this.edgeUp) {
      this.give(listener, { type: 'burstDone', ok: false, reason: 'edge down' });
      return;
    }
    for (const chunk of this.origin.burst(durationMs)) this.fromEdge(listener, chunk, 'burst');
    this.give(listener, { type: 'burstDone', ok: true });
  }

  private answerFetch(listener: VirtualListener, of: number, number: number): void {
    const chunk = this.edgeUp ? this.origin.find(of, number) : undefined;
    if (chunk !== undefined) this.fromEdge(listener, chunk, 'repair');
    else
      this.give(listener, { type: 'fetchFailed', epoch: epoch(of), sequence: sequence(number), gone: false });
  }

  private fromEdge(listener: VirtualListener, chunk: Chunk, cause: EdgeCause): void {
    this.edgeBytes[cause] += chunk.wire.length;
    this.give(listener, { type: 'edgeChunk', data: chunk.wire, cause });
  }

  private produceForever(): void {
    this.queue.at(this.now + CHUNK_MS, () => {
      if (this.producing) this.push(this.origin.produce(this.now));
      this.produceForever();
    });
  }

  private push(chunk: Chunk): void {
    if (!this.edgeUp) return;
    const stripe = chunk.header.sequence % 4;
    for (const listener of this.alive()) {
      if (listener.streamed.some((streamed) => streamed === stripe)) {
        this.later(this.edgeDelay(), () => this.fromEdge(listener, chunk, listener.streamCause));
      }
    }
  }

  private unlink(listener: VirtualListener, other: VirtualListener, reason: string): void {
    if (!listener.links.delete(other) || other.id === null) return;
    this.give(listener, { type: 'linkClosed', peerId: peerId(other.id), reason, end: 'closed' });
  }

  private toTracker(input: TrackerInput): void {
    for (const output of this.tracker.handle(millis(this.now), input)) this.obeyTracker(output);
  }

  private obeyTracker(output: TrackerOutput): void {
    if (!this.trackerUp) return;
    if (output.type === 'send') {
      const { message } = output;
      const listener = this.listeners[output.connection - 1];
      if (listener === undefined) return;
      if (message.type === 'welcome') listener.id = message.peerId;
      this.later(this.edgeDelay(), () => this.give(listener, { type: 'tracker', message }));
    } else if (output.type === 'assignSeed') {
      const listener = this.listeners[output.connection - 1];
      if (listener === undefined) return;
      // Here a seed over WebRTC is the same stream by another name: the transport itself is tested elsewhere.
      const message = {
        type: 'seed',
        stripes: output.stripes,
        transport: 'http',
        solo: output.solo,
      } as const;
      this.later(this.edgeDelay(), () => this.give(listener, { type: 'tracker', message }));
    }
  }

  private tickTracker(): void {
    this.queue.at(this.now + 200, () => {
      this.toTracker({ type: 'tick' });
      this.tickTracker();
    });
  }

  private edgeDelay(): number {
    return 10 + this.random() * 10;
  }

  private later(delayMs: number, run: () => void): void {
    this.queue.at(this.now + delayMs, run);
  }
}

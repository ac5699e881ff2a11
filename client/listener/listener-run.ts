import type { Chunk } from '../../shared/chunk/chunk.ts';
import { edgeOfTracker, trackerAddresses } from '../../shared/station/addresses.ts';
import type { EngineOutput, EngineSnapshot } from '../../shared/swarm/engine-io.ts';
import { roomOf } from '../../shared/swarm/room.ts';
import type { ListenerMessage, TrackerMessage } from '../../shared/tracker/messages.ts';
import { kilobitsPerSecond, mountId, peerId } from '../../shared/units.ts';
import type { Epoch, Micros, PeerId } from '../../shared/units.ts';
import { Driver } from './driver.ts';
import { EdgeClient, SOME_RELAY } from './edge-client.ts';
import type { EdgeBytes } from './edge-client.ts';
import { EdgeComplaints } from './edge-complaints.ts';
import type { Listener, ListenerOptions, SnapshotEngine } from './listener.ts';
import { PeerLinks } from './peer-links.ts';
import { SeedHolder } from './seed-holder.ts';
import { PEER_MESSAGE_PREFIX, stripeOfBytes } from './sound-flow.ts';
import { TrackerSocket } from './tracker-socket.ts';

/** The wiring of a listener: the engine decides, the parts here perform, and what happens to them is its input. */
export class ListenerRun implements Listener {
  readonly #options: ListenerOptions;
  readonly #engine: SnapshotEngine;
  readonly #verify: (chunk: Chunk) => Promise<boolean>;
  readonly #driver: Driver;
  readonly #tracker: TrackerSocket;
  readonly #links: PeerLinks;
  readonly #edges: EdgeClient;
  readonly #seed: SeedHolder;
  #phase: 'idle' | 'running' | 'stopped' = 'idle';
  readonly #complaints = new EdgeComplaints((message) => {
    this.#tracker.send(message);
  });
  #unhide: () => void = () => undefined;

  constructor(options: ListenerOptions, engine: SnapshotEngine, verify: (chunk: Chunk) => Promise<boolean>) {
    this.#options = options;
    this.#engine = engine;
    this.#verify = verify;
    const { environment, station, mount } = options;
    const clock = environment;
    this.#driver = new Driver({
      engine,
      clock,
      perform: (output) => {
        this.#perform(output);
      },
      onFault: options.onFault ?? reportUncaught,
    });
    const driver = this.#driver;
    this.#tracker = new TrackerSocket({
      addresses: station.trackers,
      clock,
      random: environment.random,
      openSocket: environment.openSocket,
      onOpen: () => {
        driver.push({ type: 'trackerOpen' });
      },
      onMessage: (message) => {
        this.#trackerSaid(message);
      },
      onClosed: () => {
        this.#complaints.trackerLost();
        driver.push({ type: 'trackerClosed' });
      },
    });
    this.#links = new PeerLinks({
      clock,
      random: environment.random,
      createPeer: environment.createPeer,
      iceServers: station.iceServers,
      neighboursMax: roomOf(options.participation).neighboursMax,
      sendSignal: (to, data) => {
        driver.push({ type: 'signal', to, data });
      },
      onOpen: (peerId) => {
        driver.push({ type: 'linkOpen', peerId });
      },
      onMessage: (peerId, data) => {
        this.#flows('received', peerId, data);
        driver.push({ type: 'linkMessage', peerId, data });
      },
      onWritable: (peerId, writable) => {
        driver.push({ type: 'linkWritable', peerId, writable });
      },
      onClosed: (peerId, reason, end) => {
        driver.push({ type: 'linkClosed', peerId, reason, end });
      },
    });
    this.#links.setAllowed(options.peersAllowed);
    this.#edges = new EdgeClient({
      edges: station.edges,
      mountId: mountId(mount.id),
      clock,
      random: environment.random,
      fetch: environment.fetch,
      onChunk: (data, cause) => {
        this.#flows('received', 'edge', data);
        driver.push({ type: 'edgeChunk', data, cause });
      },
      onBurstDone: (ok, reason) => {
        driver.push({ type: 'burstDone', ok, reason });
      },
      onFetchFailed: (epoch, sequence, gone) => {
        driver.push({ type: 'fetchFailed', epoch, sequence, gone });
      },
      onStreamClosed: (reason) => {
        driver.push({ type: 'streamClosed', reason });
      },
      onComplaint: (address, reason) => {
        this.#complaints.add(address, reason);
      },
    });
    this.#seed = new SeedHolder({
      load: environment.loadSeedTransport,
      onConnect: (transportId, dtlsParameters) => {
        this.#tracker.send({ type: 'seedConnect', transportId, dtlsParameters });
      },
      onState: (state, reason) => {
        driver.push({ type: 'seedLink', state, reason });
      },
      onMessage: (data) => {
        this.#edges.noteSeedChunk(data, this.#seedEdge());
        this.#flows('received', 'edge', data);
        driver.push({ type: 'edgeChunk', data, cause: 'seed' });
      },
    });
  }

  start(): void {
    if (this.#phase !== 'idle') return;
    this.#phase = 'running';
    // A page that goes away must not leave its children waiting for a time-out.
    this.#unhide =
      this.#options.environment.onPageHide?.(() => {
        void this.stop();
      }) ?? this.#unhide;
    this.#tracker.start();
    this.#driver.push({ type: 'start' });
  }

  async stop(): Promise<void> {
    if (this.#phase !== 'stopped') {
      if (this.#phase === 'running') this.#driver.push({ type: 'stop' });
      this.#phase = 'stopped';
      this.#unhide();
      this.#driver.close();
      this.#links.closeAll();
      this.#seed.close();
      this.#edges.close();
      this.#tracker.close();
    }
    await Promise.resolve();
  }

  setUploadCap(uploadCapKbps: number): void {
    this.#driver.push({ type: 'setUploadCap', uploadCapKbps: kilobitsPerSecond(uploadCapKbps) });
  }

  setPeersAllowed(allowed: boolean): void {
    const possible = allowed && this.#options.environment.createPeer !== null;
    this.#links.setAllowed(possible);
    this.#driver.push({ type: 'setPeersAllowed', allowed: possible });
  }

  setListenersMax(listenersMax: number): void {
    this.#driver.push({ type: 'setListenersMax', listenersMax });
  }

  retire(): void {
    this.#driver.push({ type: 'retire' });
  }

  reportPlayhead(epoch: Epoch, mediaTime: Micros, playing: boolean): void {
    this.#driver.push({ type: 'playhead', epoch, mediaTime, playing });
  }

  snapshot(): EngineSnapshot {
    return this.#engine.snapshot(this.#driver.now());
  }

  edgeBytes(): EdgeBytes {
    return this.#edges.bytes();
  }

  linkCount(): number {
    return this.#links.count;
  }

  droppedMessages(): number {
    return this.#links.droppedMessages;
  }

  /** Tells whoever draws it that a chunk came or went; other messages are nothing to see. */
  #flows(type: 'received' | 'sent', other: PeerId | 'edge', data: Uint8Array): void {
    const { onFlow } = this.#options;
    if (onFlow === undefined) return;
    const stripe = stripeOfBytes(data, other === 'edge' ? 0 : PEER_MESSAGE_PREFIX);
    if (stripe === null) return;
    if (type === 'received') onFlow({ type, from: other, stripe });
    else if (other !== 'edge') onFlow({ type, to: other, stripe });
  }

  #trackerSaid(message: TrackerMessage): void {
    if (message.type === 'welcome') {
      this.#links.setOwnId(peerId(message.peerId));
      this.#complaints.welcomedBy(this.#tracker.address);
    }
    if (message.type === 'edges') this.#takeAddresses(message);
    else this.#driver.push({ type: 'tracker', message });
  }

  /**
   * Relays come and go while we play. What the page named stays behind what the tracker tells: a tracker that is a
   * relay's must not cut a listener off from the station's own.
   */
  #takeAddresses(told: Extract<TrackerMessage, { type: 'edges' }>): void {
    const { station } = this.#options;
    this.#links.addIceServers(told.iceServers ?? []);
    this.#edges.setEdges(told.edges);
    this.#tracker.setAddresses(trackerAddresses([...told.trackers, ...station.trackers]));
  }

  #perform(output: EngineOutput): void {
    this.#options.onEvent?.(output);
    switch (output.type) {
      case 'tracker':
        this.#tracker.send(this.#withPass(output.message));
        return;
      case 'connect':
        this.#links.connect(output.peerId);
        return;
      case 'disconnect':
        this.#links.disconnect(output.peerId);
        return;
      case 'signal':
        this.#links.receive(output.from, output.data);
        return;
      case 'send':
        this.#links.send(output.peerId, output.data);
        this.#flows('sent', output.peerId, output.data);
        return;
      case 'verify':
        void this.#answerVerify(output.ticket, output.chunk);
        return;
      case 'fetchBurst':
        this.#edges.fetchBurst(output.durationMs);
        return;
      case 'fetchChunk':
        this.#edges.fetchChunk(output.epoch, output.sequence);
        return;
      case 'openStream':
        this.#edges.openStream(output.stripes, output.cause);
        return;
      case 'seedTransport':
        this.#seed.hold(output.offer);
        return;
      case 'play':
        this.#options.sink.play(output.chunk, output.skipped, output.dueAt);
        return;
      case 'due':
      case 'parent':
      case 'misbehaviour':
    }
  }

  #withPass(message: ListenerMessage): ListenerMessage {
    return message.type === 'join' ? { ...message, relayPass: this.#options.relayPass?.() } : message;
  }

  async #answerVerify(ticket: number, chunk: Chunk): Promise<void> {
    let genuine = false;
    try {
      genuine = await this.#verify(chunk);
      this.#judge(chunk, genuine);
    } catch (error) {
      // Not to be told from a forgery without a verifier: nothing is played that is not verified.
      (this.#options.onFault ?? reportUncaught)(error);
    }
    this.#driver.push({ type: 'verified', ticket, genuine });
  }

  /** The edge that feeds us as its seed. Which relay does is the tracker's to know: it could name any. */
  #seedEdge(): string | null {
    return this.#seed.isOfRelay ? SOME_RELAY : edgeOfTracker(this.#tracker.address);
  }

  #judge(chunk: Chunk, genuine: boolean): void {
    if (genuine) this.#complaints.heardGenuine();
    const forger = this.#edges.verified(chunk, genuine);
    // What it pushes to us as its seed is not to be trusted either.
    if (forger !== null && this.#seed.isHeld && forger === this.#seedEdge()) {
      this.#seed.hold(null);
      this.#driver.push({ type: 'seedLink', state: 'failed', reason: 'forged' });
    }
  }
}

/** Into the console or the process' handler, without stopping what is under way. */
function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

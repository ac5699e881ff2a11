import type { EngineInput, EngineOptions, EngineOutput } from '../../shared/swarm/engine-io.ts';
import { kilobitsPerSecond } from '../../shared/units.ts';
import type { Participation } from '../../shared/tracker/messages.ts';
import type { PeerId, RandomSource } from '../../shared/units.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { CHUNK_MS, MOUNT, VirtualOrigin } from '../support/virtual-origin.ts';
import {
  audienceRandom,
  concernRandom,
  drawDeparture,
  drawMassDeparture,
  drawNewcomer,
  drawRelay,
  START_MS,
  timetableOf,
  WINDOW_CHUNKS,
} from './audience.ts';
import type { AudienceRandom, Departure, Newcomer } from './audience.ts';
import { SimulatedEdgeRequests } from './edge-requests-model.ts';
import { GenuineChunks } from './genuine-chunks.ts';
import { Invariants } from './invariants.ts';
import { Links, uploadBytes } from './links-model.ts';
import { SimulatedListener } from './listener-model.ts';
import { Measures } from './measures.ts';
import type { NetworkPreset } from './network/presets.ts';
import { exponential, uniform } from './network/random.ts';
import { ParentWatch } from './parent-watch.ts';
import { isUntroubled, watchedUpload } from './participant.ts';
import type { Participant } from './participant.ts';
import { PlaybackWatch } from './playback-watch.ts';
import { tamperOf } from './polluters.ts';
import { populate } from './population.ts';
import type { Scenario, Stage } from './scenarios.ts';
import { SimulatedServers } from './servers.ts';
import { UploadWatch } from './upload-watch.ts';
import type { WatchedUpload } from './upload-watch.ts';
import { VirtualTime } from './virtual-time.ts';

export interface SimulationOptions {
  readonly scenario: Scenario;
  readonly network: NetworkPreset;
  readonly peers: number;
  readonly seed: number;
  readonly bitrateKbps: number;
  readonly measuredMs: number;
  readonly playoutDelayMs?: number;
  /** Called with every listener before it starts. */
  readonly onJoin?: (listener: SimulatedListener) => void;
}

const SLOW_EVERY_MS = 20_000;
const SLOW_FOR_MS: readonly [number, number] = [1_000, 2_000];

/**
 * A swarm on virtual time: the production engine in every listener and the production tracker, over a modelled
 * network. Each concern draws from its own random numbers, so that changing one does not change the others.
 */
export class Simulation implements Stage {
  readonly options: SimulationOptions;
  readonly time = new VirtualTime(START_MS);
  readonly measures: Measures;
  readonly links: Links;
  readonly warmUpMs: number;
  readonly participants = new Map<SimulatedListener, Participant>();
  readonly watches = new Map<PeerId, ParentWatch>();
  readonly uploadsOfGone: WatchedUpload[] = [];
  readonly #servers: SimulatedServers;
  readonly #origin: VirtualOrigin;
  readonly #chunks = new GenuineChunks();
  readonly #byPeerId = new Map<string, SimulatedListener>();
  readonly #invariants: Invariants;
  readonly #random: AudienceRandom & Readonly<Record<'edges' | 'engines', RandomSource>>;
  #joined = 0;

  constructor(options: SimulationOptions) {
    this.options = options;
    const { seed, network, scenario, bitrateKbps, peers } = options;
    const random = (concern: number): RandomSource => concernRandom(seed, concern);
    this.#random = { ...audienceRandom(seed), edges: random(3), engines: random(5) };
    this.measures = new Measures(bitrateKbps);
    this.#invariants = new Invariants(bitrateKbps);
    this.#origin = new VirtualOrigin(bitrateKbps);
    this.#servers = new SimulatedServers(this.time, options, this.measures, this.#byPeerId);
    this.links = new Links(this.time, network, random(7), {
      delivered: (to, from, data) => {
        this.#delivered(to, from, data);
      },
      sentToClosed: (from, to) => {
        this.#invariants.sentToClosed(this.time.now, from, to);
      },
    });
    const relayRandom = random(10);
    for (let relay = 0; relay < (scenario.relays ?? 0); relay += 1)
      this.time.at(START_MS, () => {
        this.#join(drawRelay(network, relayRandom), 'dedicated', Number.POSITIVE_INFINITY);
      });
    const timetable = timetableOf(scenario, peers, options.measuredMs);
    this.warmUpMs = timetable.warmUpMs;
    populate(this.time, {
      ...timetable,
      peers,
      sessionMeanMs: scenario.sessionMeanMs,
      random: this.#random.people,
      join: (stayMs) => {
        const newcomer = drawNewcomer(scenario, network, this.#random);
        this.#join(newcomer, newcomer.machine.uploadCapKbps > 0 ? 'relay' : 'leaf', stayMs);
      },
    });
    for (let before = WINDOW_CHUNKS; before > 0; before -= 1)
      this.#chunks.add(this.#origin.produce(START_MS - before * CHUNK_MS));
    this.#produce();
  }

  /** Runs all of it. `onSecond`: after each simulated second, with its number. */
  run(onSecond: (second: number, seconds: number) => void = () => undefined): void {
    const seconds = Math.ceil((this.warmUpMs + this.options.measuredMs) / 1000);
    const warmUpSeconds = Math.ceil(this.warmUpMs / 1000);
    for (const { at, run } of this.options.scenario.events ?? []) {
      this.time.at(START_MS + warmUpSeconds * 1000 + at * this.options.measuredMs, () => {
        run(this);
      });
    }
    for (let second = 0; second < seconds; second += 1) {
      if (second === warmUpSeconds) this.#beginMeasuring();
      this.time.runUntil(START_MS + (second + 1) * 1000);
      this.measures.closeSecond(second, this.participants.size);
      this.#invariants.checkSome(this.participants.keys(), second);
      onSecond(second + 1, seconds);
    }
    for (const participant of this.participants.values()) this.#settleAccount(participant);
  }

  /** A share of the listeners leaves within a time, some of them without a goodbye. */
  depart(share: number, withinMs: number, vanishShare: number): void {
    for (const participant of this.participants.values()) {
      const departure = drawMassDeparture(this.#random, share, withinMs, vanishShare);
      if (departure === null) continue;
      this.time.after(departure.afterMs, () => {
        this.#leave(participant, departure.how);
      });
    }
  }

  suspendTracker(): void {
    this.#servers.suspendTracker();
  }

  resumeTracker(): void {
    this.#servers.resumeTracker();
  }

  killEdge(index: number): void {
    this.#servers.killEdge(index);
  }

  #join({ machine, pollution, slow }: Newcomer, participation: Participation, stayMs: number): void {
    const { network, bitrateKbps, playoutDelayMs } = this.options;
    const options: EngineOptions = {
      mountId: MOUNT,
      participation,
      bitrateKbps,
      uploadCapKbps: kilobitsPerSecond(machine.uploadCapKbps),
      playoutDelayMs: playoutDelayMs ?? 2_500,
      peersAllowed: true,
      readers: this.#chunks.readers,
    };
    const listener = new SimulatedListener(
      this.#joined,
      options,
      machine,
      this.time,
      (output) => this.#perform(participant, output),
      seededRandom(this.#random.engines() * 2 ** 32),
    );
    this.#joined += 1;
    const participant: Participant = {
      listener,
      requests: new SimulatedEdgeRequests(
        {
          time: this.time,
          preset: network,
          chunks: this.#chunks,
          edges: this.#servers.edges,
          random: this.#random.edges,
        },
        listener,
      ),
      playback: new PlaybackWatch(),
      parents: new ParentWatch(),
      upload: new UploadWatch(machine.uploadCapKbps),
      tamper: pollution === null ? null : tamperOf(pollution),
      slow,
      duplicateBytesBefore: 0,
    };
    this.participants.set(listener, participant);
    this.measures.joined();
    this.options.onJoin?.(listener);
    listener.give({ type: 'start' });
    this.#servers.connections.join(listener);
    if (participant.slow) this.#stopSometimes(participant);
    if (stayMs === Number.POSITIVE_INFINITY) return;
    this.time.after(stayMs, () => {
      this.#leave(participant, drawDeparture(this.#random));
    });
  }

  #leave(participant: Participant, how: Departure): void {
    const { listener } = participant;
    if (listener.phase === 'gone') return;
    this.#settleAccount(participant);
    if (how === 'closed') {
      listener.frozenUntil = 0;
      listener.give({ type: 'stop' });
    }
    listener.phase = 'gone';
    participant.requests.close();
    this.#servers.leave(listener, how);
    this.#orphanChildren(listener);
    this.links.leave(listener, how);
    this.participants.delete(listener);
    if (listener.peerId !== null) {
      this.watches.delete(listener.peerId);
      this.#byPeerId.delete(listener.peerId);
    }
    this.measures.left();
    this.uploadsOfGone.push(watchedUpload(participant, this.time.now));
  }

  /** Its children do not know yet: their time without a parent begins now. */
  #orphanChildren(listener: SimulatedListener): void {
    const { peerId } = listener;
    if (peerId === null) return;
    for (const other of this.links.openRemotes(listener))
      this.participants.get(other)?.parents.peerGone(this.time.now, peerId);
  }

  #perform(participant: Participant, output: EngineOutput): EngineInput | null {
    const { listener, requests, playback } = participant;
    switch (output.type) {
      case 'verify':
        return {
          type: 'verified',
          ticket: output.ticket,
          genuine: this.#invariants.verify(listener, output.chunk, this.#chunks),
        };
      case 'tracker':
        this.#servers.connections.send(listener, output.message);
        break;
      case 'connect':
        this.links.connect(listener, output.peerId);
        break;
      case 'disconnect':
        this.links.disconnect(listener, output.peerId);
        break;
      case 'signal':
        this.links.receive(listener, output.from, output.data);
        break;
      case 'send':
        this.#send(participant, output.peerId, output.data);
        break;
      case 'fetchBurst':
        requests.fetchBurst(output.durationMs);
        break;
      case 'fetchChunk':
        requests.fetchChunk(output.epoch, output.sequence);
        break;
      case 'openStream':
        requests.openStream(output.stripes, output.cause);
        break;
      case 'seedTransport':
        this.#servers.takeSeed(listener, output.offer);
        break;
      case 'play':
        this.#invariants.played(listener, output.chunk);
        if (playback.firstAt === null) this.measures.started(this.time.now - listener.joinedAt);
        playback.played(this.time.now, output);
        break;
      case 'due':
        this.measures.heard(playback.due(output), isUntroubled(participant));
        break;
      case 'parent': {
        const { parents } = participant;
        if (listener.peerId !== null) this.watches.set(listener.peerId, parents);
        const orphanedMs = parents.changed(this.time.now, output.stripe, output.from);
        if (orphanedMs !== null && this.measures.isMeasuring) this.measures.reparentMs.add(orphanedMs);
        break;
      }
      case 'misbehaviour': {
        const accused = this.#byPeerId.get(output.peerId);
        const honest = accused !== undefined && this.participants.get(accused)?.tamper === null;
        this.measures.dropped(honest);
        break;
      }
    }
    return null;
  }

  #send(participant: Participant, to: PeerId, data: Uint8Array): void {
    const { listener, tamper, upload } = participant;
    const shared = this.#chunks.shared(data);
    if (shared === 'forged') {
      this.#invariants.relayedForged(this.time.now, listener);
      return;
    }
    const honest = shared ?? data;
    const sent = tamper === null ? honest : tamper(honest);
    if (sent === null) return;
    if (this.measures.isMeasuring && shared !== null) upload.sent(this.time.now, uploadBytes(sent));
    this.links.send(listener, to, sent);
  }

  #delivered(to: SimulatedListener, from: PeerId, data: Uint8Array): void {
    this.measures.delivered(data.length, data[0] === CHUNK_MESSAGE);
    to.give({ type: 'linkMessage', peerId: from, data });
  }

  #produce(): void {
    this.time.after(CHUNK_MS, () => {
      const chunk = this.#origin.produce(this.time.now);
      this.#chunks.add(chunk);
      this.#servers.push(chunk);
      this.#produce();
    });
  }

  #stopSometimes(participant: Participant): void {
    const { listener } = participant;
    this.time.after(exponential(this.#random.trouble, SLOW_EVERY_MS), () => {
      if (listener.phase === 'gone') return;
      const until = this.time.now + uniform(this.#random.trouble, SLOW_FOR_MS);
      // Half of them lose the network for a moment, the others their processor.
      if (this.#random.trouble() < 0.5) listener.machine.line.silence(until);
      else listener.frozenUntil = until;
      this.#stopSometimes(participant);
    });
  }

  #beginMeasuring(): void {
    this.measures.begin(this.time.now);
    for (const participant of this.participants.values()) {
      const { counters } = participant.listener.engine.snapshot(this.time.now);
      participant.duplicateBytesBefore = counters.duplicateChunkBytes;
    }
  }

  /** What is left to count when a listener leaves, or the run ends. */
  #settleAccount(participant: Participant): void {
    const { listener, playback } = participant;
    this.measures.missed(playback.silentUntil(this.time.now, listener.joinedAt), isUntroubled(participant));
    if (!this.measures.isMeasuring) return;
    const { counters } = listener.engine.snapshot(this.time.now);
    this.measures.duplicateBytes += counters.duplicateChunkBytes - participant.duplicateBytesBefore;
  }
}

const CHUNK_MESSAGE = 2;

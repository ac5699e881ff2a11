import { availableParallelism } from 'node:os';
import type { SeedOffer } from '../../shared/tracker/messages.ts';
import type { MountId, PeerId, RandomSource, Stripe } from '../../shared/units.ts';
import type { WebRtcConfig } from '../config/config.ts';
import type { SeedingStatus } from '../edge/edge-context.ts';
import type { EgressCounter } from '../edge/egress.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import type { LiveMount } from '../station/live-mount.ts';
import { dtlsParametersSchema } from './dtls-parameters.ts';
import { MountSeeding } from './mount-seeding.ts';
import { SETUP_WORKER_SOURCE, WorkerBinary } from './worker-binary.ts';
import type { BinaryState, WorkerSource } from './worker-binary.ts';
import { WorkerSlot } from './worker-slot.ts';

/** What the tracker is told of seeds. */
export interface SeedingEvents {
  readonly onPath: (mountId: MountId, up: boolean) => void;
  /** Its buffer is full. */
  readonly onStalled: (mountId: MountId, peerId: PeerId) => void;
  /** Its transport is gone, or did not connect. */
  readonly onLost: (mountId: MountId, peerId: PeerId, reason: string) => void;
  /** It is fed by another transport from now on, by its new offer. */
  readonly onMoved: (mountId: MountId, peerId: PeerId, offer: SeedOffer) => void;
}

/** Why a seed says that what it is fed by does not do. */
export interface SeedFailure {
  readonly reason: string;
  /** The seed's network address. */
  readonly complainant: string;
}

/** What seeds take. */
export interface SeedingLoad {
  readonly seeds: number;
  /** Copies of the mount's whole stream. */
  readonly copies: number;
}

/** The edge's way of pushing stripes to seeds over WebRTC, as the tracker's socket server uses it. */
export interface Seeding {
  /** To be called once; `onPath` is called whenever the path of a mount comes up or goes down. */
  start(events: SeedingEvents): void;
  /** Rejects if the seed cannot be fed over WebRTC now. The same transport, hence the same offer, if it has one. */
  assign(mountId: MountId, peerId: PeerId, stripes: readonly Stripe[]): Promise<SeedOffer>;
  release(mountId: MountId, peerId: PeerId): void;
  connect(mountId: MountId, peerId: PeerId, transportId: string, dtlsParameters: unknown): void;
  /** The seed says so; it is released next. */
  failed(mountId: MountId, peerId: PeerId, failure: SeedFailure): void;
  status(): SeedingStatus;
  load(mountId: MountId): SeedingLoad;
  stop(): Promise<void>;
}

export interface SeedingOptions {
  readonly mounts: readonly LiveMount[];
  readonly config: WebRtcConfig;
  readonly egress: EgressCounter;
  readonly log: Log;
  readonly random: RandomSource;
  readonly source?: WorkerSource;
}

/**
 * Seeds through mediasoup: one worker per mount, at most one per core, as a worker is one thread. Each worker has a
 * port of its own (port, port + 1 …), since one UDP socket cannot be shared between processes.
 */
export class MediasoupSeeding implements Seeding {
  readonly #options: SeedingOptions;
  readonly #binary: WorkerBinary;
  readonly #slots: readonly WorkerSlot[];
  #mounts: ReadonlyMap<MountId, MountSeeding> = new Map();

  constructor(options: SeedingOptions) {
    this.#options = options;
    this.#binary = new WorkerBinary(options.source ?? SETUP_WORKER_SOURCE, options.log, (path) => {
      for (const slot of this.#slots) slot.use(path);
    });
    const { config, mounts } = options;
    const workers = Math.min(config.workersMax ?? Infinity, availableParallelism(), mounts.length);
    this.#slots = Array.from({ length: workers }, (_, index) => this.#slot(index, workers));
  }

  /** Process ids of the workers that are up. */
  get pids(): readonly number[] {
    return this.#slots.flatMap(({ pid }) => pid ?? []);
  }

  start(events: SeedingEvents): void {
    const { mounts, egress, log } = this.#options;
    this.#mounts = new Map(mounts.map((mount) => [mount.id, newMountSeeding(mount, egress, events, log)]));
    this.#binary.start();
  }

  async assign(mountId: MountId, peerId: PeerId, stripes: readonly Stripe[]): Promise<SeedOffer> {
    const mount = this.#mounts.get(mountId);
    if (mount === undefined)
      throw new Error(`Cannot feed a seed as its mount must be one of ours: current value is ${mountId}`);
    return await mount.assign(peerId, stripes);
  }

  release(mountId: MountId, peerId: PeerId): void {
    this.#mounts.get(mountId)?.release(peerId);
  }

  connect(mountId: MountId, peerId: PeerId, transportId: string, dtlsParameters: unknown): void {
    const parsed = dtlsParametersSchema.safeParse(dtlsParameters);
    // What is not understood does not connect, so the transport ends by its time-out and the seed goes on over HTTP.
    if (!parsed.success) return;
    this.#mounts
      .get(mountId)
      ?.connect(peerId, transportId, parsed.data)
      .catch((error: unknown) => {
        this.#options.log.debug({ reason: errorText(error) }, 'a seed did not connect');
      });
  }

  failed(): void {
    // Its own transport tells what matters.
  }

  load(mountId: MountId): SeedingLoad {
    const mount = this.#mounts.get(mountId);
    return { seeds: mount?.seedCount ?? 0, copies: mount?.copies ?? 0 };
  }

  status(): SeedingStatus {
    const up = this.#slots.filter(({ phase }) => phase === 'up').length;
    if (up > 0 && up === this.#slots.length)
      return { state: 'ready', detail: `${up} mediasoup worker(s) up` };
    return (
      binaryStatus(this.#binary.state) ?? { state: 'starting', detail: 'a mediasoup worker is being started' }
    );
  }

  async stop(): Promise<void> {
    this.#binary.stop();
    for (const mount of this.#mounts.values()) mount.close();
    await Promise.all(this.#slots.map((slot) => slot.stop()));
  }

  #slot(index: number, slots: number): WorkerSlot {
    const { config, random, log } = this.#options;
    const mine = (): readonly MountSeeding[] =>
      [...this.#mounts.values()].filter((_, mountIndex) => mountIndex % slots === index);
    return new WorkerSlot({
      port: config.port === 0 ? 0 : config.port + index,
      announcedAddress: config.announcedAddress,
      random,
      log,
      onUp: (running) => {
        for (const mount of mine()) void mount.up(running);
      },
      onDown: () => {
        for (const mount of mine()) mount.down();
      },
    });
  }
}

/** WebRTC is switched off: seeds get their stripes over HTTP. */
export const httpSeedingOnly = (): Seeding => ({
  start: () => undefined,
  assign: () =>
    Promise.reject(new Error('Cannot feed a seed over WebRTC as it must be enabled: current value is off')),
  release: () => undefined,
  connect: () => undefined,
  failed: () => undefined,
  load: () => ({ seeds: 0, copies: 0 }),
  status: () => ({ state: 'off', detail: 'seeds get their stripes over HTTP, as configured' }),
  stop: () => Promise.resolve(),
});

const newMountSeeding = (
  mount: LiveMount,
  egress: EgressCounter,
  events: SeedingEvents,
  log: Log,
): MountSeeding =>
  new MountSeeding(
    mount,
    egress,
    {
      onPath: (up) => {
        events.onPath(mount.id, up);
      },
      onStalled: (peerId) => {
        log.info({ peerId, mount: mount.path }, 'a seed does not keep up');
        events.onStalled(mount.id, peerId);
      },
      onLost: (peerId, reason) => {
        log.info({ peerId, mount: mount.path, reason }, 'a seed was lost');
        events.onLost(mount.id, peerId, reason);
      },
    },
    log,
  );

function binaryStatus(state: BinaryState): SeedingStatus | null {
  switch (state.phase) {
    case 'building': {
      const progress = state.total > 0 ? ` (${state.done} of ${state.total})` : '';
      return { state: 'starting', detail: `the mediasoup worker is being made${progress}` };
    }
    case 'impossible':
      return { state: 'unavailable', detail: state.reason };
    case 'idle':
    case 'ready':
    case 'stopped':
      break;
  }
  return null;
}

import type { types } from 'mediasoup';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { chunkStripe } from '../../shared/chunk/chunk.ts';
import type { SeedOffer } from '../../shared/tracker/messages.ts';
import { STRIPE_COUNT } from '../../shared/units.ts';
import type { PeerId, Stripe } from '../../shared/units.ts';
import type { EgressCounter } from '../edge/egress.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import type { LiveMount } from '../station/live-mount.ts';
import { SeedLink } from './seed-link.ts';
import { Turns } from './turns.ts';
import type { RunningWorker } from './worker-slot.ts';

/** Seeds of one mount; the tracker asks for a few dozen at most. */
export const SEEDS_PER_MOUNT_MAX = 256;
/** How often seeds' buffers are looked at. */
const LOOK_INTERVAL_MS = 1_000;
/** A seed with so much of its stripes waiting is stalled; what is PACKET_LIFE_MS old leaves the buffer by itself. */
const STALLED_SECONDS = 1.5;
/** Below this a stripe's buffer is never called full: a chunk or two come at once. */
const BUFFERED_BYTES_MIN = 8_192;

export interface MountSeedingEvents {
  readonly onPath: (up: boolean) => void;
  readonly onStalled: (peerId: PeerId) => void;
  readonly onLost: (peerId: PeerId, reason: string) => void;
}

/** What seeds of a mount hang on while a worker is up. */
interface Path {
  readonly router: types.Router;
  readonly producer: types.DataProducer;
  readonly webRtcServer: types.WebRtcServer;
}

/**
 * One mount's way through mediasoup: a router, a direct transport that takes each signed chunk once, and a transport
 * for each seed that takes some of the stripes (a subchannel each) out again.
 */
export class MountSeeding {
  readonly mount: LiveMount;
  #path: Path | null = null;
  readonly #seeds = new Map<PeerId, SeedLink>();
  readonly #turns = new Turns<PeerId>();
  readonly #egress: EgressCounter;
  readonly #events: MountSeedingEvents;
  readonly #log: Log;
  readonly #stopChunks: () => void;
  readonly #lookTimer: NodeJS.Timeout;

  constructor(mount: LiveMount, egress: EgressCounter, events: MountSeedingEvents, log: Log) {
    this.mount = mount;
    this.#egress = egress;
    this.#events = events;
    this.#log = log;
    this.#stopChunks = mount.onChunk((chunk) => {
      this.#push(chunk);
    });
    this.#lookTimer = setInterval(() => {
      this.#look();
    }, LOOK_INTERVAL_MS);
    this.#lookTimer.unref();
  }

  get seedCount(): number {
    return this.#seeds.size;
  }

  /** Copies of the whole stream that its seeds take together. */
  get copies(): number {
    let stripes = 0;
    for (const seed of this.#seeds.values()) stripes += seed.stripeCount;
    return stripes / STRIPE_COUNT;
  }

  /** A worker is up: make the mount's router on it. */
  async up({ worker, webRtcServer }: RunningWorker): Promise<void> {
    try {
      // No codecs: it carries data only.
      const router = await worker.createRouter({ mediaCodecs: [] });
      const transport = await router.createDirectTransport();
      const producer = await transport.produceData({ label: 'chunks', protocol: 'essaim' });
      if (worker.closed) return;
      this.#path = { router, producer, webRtcServer };
      this.#events.onPath(true);
    } catch (error) {
      // Else it died meanwhile, which is told on its own.
      if (!worker.closed) this.#log.error({ reason: errorText(error) }, 'mediasoup router could not be made');
    }
  }

  /** The worker is gone, and all that hung on it. */
  down(): void {
    const wasUp = this.#path !== null;
    this.#path = null;
    this.#closeSeeds();
    if (wasUp) this.#events.onPath(false);
  }

  /**
   * Makes a transport for the seed, or gives the one it has other stripes.
   *
   * @throws Error if there is no worker, or it cannot.
   */
  async assign(peerId: PeerId, stripes: readonly Stripe[]): Promise<SeedOffer> {
    return await this.#turns.take(peerId, async () => {
      const existing = this.#seeds.get(peerId);
      if (existing !== undefined) {
        await existing.setStripes(stripes);
        return existing.offer();
      }
      const link = await this.#open(peerId, stripes);
      return link.offer();
    });
  }

  /** Ends the seed's transport, if it has one. */
  release(peerId: PeerId): void {
    void this.#turns.take(peerId, () => {
      this.#seeds.get(peerId)?.close();
      this.#seeds.delete(peerId);
      return Promise.resolve();
    });
  }

  async connect(peerId: PeerId, transportId: string, dtlsParameters: types.DtlsParameters): Promise<void> {
    await this.#seeds.get(peerId)?.connect(transportId, dtlsParameters);
  }

  close(): void {
    this.#stopChunks();
    clearInterval(this.#lookTimer);
    this.#path = null;
    this.#closeSeeds();
  }

  async #open(peerId: PeerId, stripes: readonly Stripe[]): Promise<SeedLink> {
    const path = this.#path;
    if (path === null) throw new Error('Cannot feed a seed as a worker must be up: current value is none');
    if (this.#seeds.size >= SEEDS_PER_MOUNT_MAX)
      throw new Error(`Cannot feed a seed as one of at most: current value is ${this.#seeds.size}`);
    const link = await SeedLink.open({
      peerId,
      ...path,
      dataProducerId: path.producer.id,
      stripes,
      bufferedBytesPerStripeMax: this.#bufferedBytesPerStripeMax(),
      onStalled: () => {
        this.#events.onStalled(peerId);
      },
      onLost: (reason) => {
        this.#seeds.delete(peerId);
        this.#events.onLost(peerId, reason);
      },
    });
    if (this.#path !== path) {
      link.close();
      throw new Error('Cannot feed a seed as the worker must stay up: current value is gone');
    }
    this.#seeds.set(peerId, link);
    return link;
  }

  #bufferedBytesPerStripeMax(): number {
    const bytesPerSecond = (this.mount.bitrateKbps * 1000) / 8 / STRIPE_COUNT;
    return Math.max(BUFFERED_BYTES_MIN, bytesPerSecond * STALLED_SECONDS);
  }

  #push(chunk: Chunk): void {
    if (this.#path === null || this.#seeds.size === 0) return;
    const stripe = chunkStripe(chunk);
    const { buffer, byteOffset, byteLength } = chunk.wire;
    this.#path.producer.send(Buffer.from(buffer, byteOffset, byteLength), undefined, [stripe]);
    for (const seed of this.#seeds.values())
      if (seed.isConnected && seed.takes(stripe)) this.#egress.add(this.mount.id, 'seed', byteLength);
  }

  #look(): void {
    for (const seed of this.#seeds.values())
      // The worker died under it: that is told on its own.
      void seed.look().catch(() => undefined);
  }

  #closeSeeds(): void {
    for (const seed of this.#seeds.values()) seed.close();
    this.#seeds.clear();
  }
}

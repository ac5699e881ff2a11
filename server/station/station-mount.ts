import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { CodecConfig } from '../../shared/codec/codec.ts';
import type { CodecDescription, MountDescription } from '../../shared/station/description.ts';
import { STRIPE_COUNT } from '../../shared/units.ts';
import type { Epoch, MountId, UnixMillis } from '../../shared/units.ts';
import type { IngestEvent } from '../ingest/events.ts';
import { BitrateMeter } from './bitrate-meter.ts';
import { ChunkListeners } from './chunk-listeners.ts';
import { signChunk } from './chunk-signer.ts';
import { SlidingWindow } from './chunk-window.ts';
import type { ChunkWindow } from './chunk-window.ts';
import type { LiveMount } from './live-mount.ts';
import { mountIdOf } from './mount-id.ts';
import { CHUNK_DURATION_MS, Packager } from './packager.ts';
import type { ChunkDraft } from './packager.ts';
import type { StationKey } from './station-key.ts';
import { NO_TITLE, titleFrom } from './title.ts';

export interface StationMountOptions {
  readonly path: string;
  readonly key: StationKey;
  /** What to announce while there is too little to measure; null: a usual rate. */
  readonly bitrateKbps: number | null;
  readonly nextEpoch: () => Epoch;
  readonly now: () => UnixMillis;
}

/** What the mount's source is doing, for the log, `/healthz` and statistics. */
export interface SourceStatus {
  readonly state: 'connecting' | 'live' | 'waiting' | 'failed';
  readonly source: string;
  readonly detail: string;
}

/** Announced before anything is known: most web radios send this. */
const BITRATE_GUESS_KBPS = 128;

/** One mount's way from the source's events to signed chunks in its window. Knows no clock, no socket, no file. */
export class StationMount implements LiveMount {
  readonly id: MountId;
  readonly path: string;
  readonly #options: StationMountOptions;
  readonly #window = new SlidingWindow();
  readonly #packager: Packager;
  readonly #meter = new BitrateMeter();
  readonly #listeners: ChunkListeners;
  #source: SourceStatus = { state: 'connecting', source: '', detail: '' };

  constructor(options: StationMountOptions) {
    this.id = mountIdOf(options.key.publicKey, options.path);
    this.path = options.path;
    this.#options = options;
    this.#listeners = new ChunkListeners(options.path);
    this.#packager = new Packager(options.nextEpoch);
  }

  get window(): ChunkWindow {
    return this.#window;
  }

  get bitrateKbps(): number {
    return this.#meter.kbps() ?? this.#options.bitrateKbps ?? BITRATE_GUESS_KBPS;
  }

  get source(): SourceStatus {
    return this.#source;
  }

  get codec(): CodecConfig | null {
    return this.#packager.config;
  }

  /** @throws RangeError over CHUNK_LISTENERS_MAX. */
  onChunk(listener: (chunk: Chunk) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Takes the next event of the mount's source. */
  handle(event: IngestEvent): void {
    switch (event.type) {
      case 'config':
        this.#configure(event.config);
        break;
      case 'frame':
        this.#publish(this.#packager.addFrame(event.frame));
        break;
      case 'title':
        this.#packager.setTitle(titleFrom(event));
        break;
      case 'gap':
        this.#publish(this.#packager.gap());
        break;
      case 'state':
        this.#source = { state: event.state, source: event.source, detail: event.detail ?? '' };
        break;
    }
  }

  description(): MountDescription {
    const { config } = this.#packager;
    return {
      id: this.id,
      path: this.path,
      bitrateKbps: this.bitrateKbps,
      chunkDurationMs: CHUNK_DURATION_MS,
      stripeCount: STRIPE_COUNT,
      codec: config === null ? null : codecDescription(config),
      live: this.#window.live(),
      ...(this.#packager.title ?? NO_TITLE),
    };
  }

  #configure(config: CodecConfig): void {
    const before = this.#packager.config;
    this.#publish(this.#packager.setConfig(config));
    if (before !== this.#packager.config) this.#meter.reset();
  }

  #publish(drafts: readonly ChunkDraft[]): void {
    for (const draft of drafts) {
      const chunk = signChunk(draft, this.id, this.#options.now(), this.#options.key);
      this.#meter.add(draft.payload.length, draft.duration);
      this.#window.push(chunk);
      this.#listeners.tell(chunk);
    }
  }
}

const codecDescription = (config: CodecConfig): CodecDescription => ({
  codec: config.codec,
  sampleRateHz: config.sampleRateHz,
  channelCount: config.channelCount,
  setup: config.setup === null ? null : Buffer.from(config.setup).toString('base64'),
});

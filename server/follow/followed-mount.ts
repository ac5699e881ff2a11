import type { Chunk } from '../../shared/chunk/chunk.ts';
import { decodeMetadata } from '../../shared/chunk/metadata-codec.ts';
import type { ChunkMetadata } from '../../shared/chunk/metadata.ts';
import type { CodecDescription, MountDescription } from '../../shared/station/description.ts';
import { mountId } from '../../shared/units.ts';
import type { Epoch, MountId, Sequence } from '../../shared/units.ts';
import { BitrateMeter } from '../station/bitrate-meter.ts';
import { ChunkListeners } from '../station/chunk-listeners.ts';
import { SlidingWindow } from '../station/chunk-window.ts';
import type { ChunkWindow } from '../station/chunk-window.ts';
import type { LiveMount } from '../station/live-mount.ts';
import type { ChunkCheck } from './chunk-check.ts';

/**
 * What came of a chunk. `taken`: it is in the window now. `known`: it was there, or something newer is. `ahead`:
 * chunks before it are missing, so it was not taken. `forged`: not the station's. `foreign`: of another mount.
 */
export type Taken = 'taken' | 'known' | 'ahead' | 'forged' | 'foreign';

export interface ChunkPosition {
  readonly epoch: Epoch;
  readonly sequence: Sequence;
}

/** A mount of somebody else's station: its window is filled with chunks that are checked, in order, each once. */
export class FollowedMount implements LiveMount {
  readonly id: MountId;
  readonly path: string;
  readonly #check: ChunkCheck;
  readonly #window = new SlidingWindow();
  readonly #meter = new BitrateMeter();
  readonly #listeners: ChunkListeners;
  #described: MountDescription;

  /** @param described as an edge tells it; what chunks tell, which is signed, is put over it. */
  constructor(described: MountDescription, check: ChunkCheck) {
    this.id = mountId(described.id);
    this.path = described.path;
    this.#check = check;
    this.#listeners = new ChunkListeners(described.path);
    this.#described = described;
  }

  get window(): ChunkWindow {
    return this.#window;
  }

  get bitrateKbps(): number {
    return this.#meter.kbps() ?? this.#described.bitrateKbps;
  }

  /** @throws RangeError over CHUNK_LISTENERS_MAX. */
  onChunk(listener: (chunk: Chunk) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** The newest chunk: what comes next begins after it. Null while nothing is held. */
  get newest(): ChunkPosition | null {
    const { newest } = this.#window;
    if (newest === null) return null;
    const { epoch, sequence } = newest.header;
    return { epoch, sequence };
  }

  /** @param mayLeap the chunks before it are not to be had any more: take it all the same. */
  take(chunk: Chunk, mayLeap: boolean): Taken {
    const { newest } = this.#window;
    if (chunk.header.mountId !== this.id) return 'foreign';
    if (newest !== null && !isNewer(chunk, newest)) return 'known';
    const metadata = decodeMetadata(chunk);
    if (newest !== null && !mayLeap && !follows(chunk, newest, metadata)) return 'ahead';
    if (!this.#check(chunk)) return 'forged';
    if (newest?.header.epoch !== chunk.header.epoch) this.#enterEpoch(chunk, metadata);
    this.#learn(metadata);
    this.#meter.add(chunk.header.payloadLength, chunk.header.duration);
    this.#window.push(chunk);
    this.#listeners.tell(chunk);
    return 'taken';
  }

  /** What an edge says now: believed where no chunk has told better. */
  describe(described: MountDescription): void {
    const { title, artist, album, artworkUrl, show, codec } = this.#described;
    const { newest } = this.#window;
    const told = described.live?.epoch === newest?.header.epoch ? (described.codec ?? codec) : codec;
    this.#described =
      newest === null ? described : { ...described, title, artist, album, artworkUrl, show, codec: told };
  }

  description(): MountDescription {
    return { ...this.#described, bitrateKbps: this.bitrateKbps, live: this.#window.live() };
  }

  #enterEpoch(chunk: Chunk, metadata: ChunkMetadata | null): void {
    this.#meter.reset();
    const told = codecToldIn(chunk, metadata);
    const { codec } = this.#described;
    // Without set-up data of this codec a decoder cannot start: an edge's description, asked anew, will bring it.
    const kept = codec?.codec === chunk.header.codec ? codec : null;
    this.#described = { ...this.#described, codec: told ?? kept };
  }

  #learn(metadata: ChunkMetadata | null): void {
    if (metadata?.title === undefined) return;
    const { title, artist = '', album = '', artworkUrl = '', show = '' } = metadata;
    this.#described = { ...this.#described, title, artist, album, artworkUrl, show };
  }
}

const isNewer = (chunk: Chunk, than: Chunk): boolean =>
  chunk.header.epoch > than.header.epoch ||
  (chunk.header.epoch === than.header.epoch && chunk.header.sequence > than.header.sequence);

/** The next number, or an epoch's first chunk that names the one before it (or nothing: the station started anew). */
function follows(chunk: Chunk, newest: Chunk, metadata: ChunkMetadata | null): boolean {
  const { epoch, sequence } = chunk.header;
  if (epoch === newest.header.epoch) return sequence === newest.header.sequence + 1;
  if (sequence !== 0) return false;
  const after = metadata?.after;
  return (
    after === undefined || (after.epoch === newest.header.epoch && after.sequence === newest.header.sequence)
  );
}

function codecToldIn(chunk: Chunk, metadata: ChunkMetadata | null): CodecDescription | null {
  if (metadata?.sampleRateHz === undefined || metadata.channelCount === undefined) return null;
  const { sampleRateHz, channelCount, setup } = metadata;
  return { codec: chunk.header.codec, sampleRateHz, channelCount, setup: setup ?? null };
}

import type { Chunk } from '../../shared/chunk/chunk.ts';
import { decodeMetadata } from '../../shared/chunk/metadata-codec.ts';
import type { CodecConfig } from '../../shared/codec/codec.ts';
import type { CodecDescription, MountDescription } from '../../shared/station/description.ts';
import type { Epoch } from '../../shared/units.ts';

/** Configurations remembered; epochs are rare. */
const EPOCHS_MAX = 8;

/**
 * What a decoder must know, by epoch. An epoch's first chunk says it; who joins later has it from the mount's
 * description, which is fetched anew when the epoch began after the page was loaded.
 */
export class CodecDirectory {
  readonly #known = new Map<Epoch, CodecConfig>();
  #description: MountDescription;
  readonly #refresh: () => Promise<MountDescription | null>;

  /** @param refresh the mount's present description, or null if it cannot be had now. */
  constructor(description: MountDescription, refresh: () => Promise<MountDescription | null>) {
    this.#description = description;
    this.#refresh = refresh;
  }

  /** Null if nothing fits the chunk's codec. */
  async configOf(chunk: Chunk): Promise<CodecConfig | null> {
    const { epoch } = chunk.header;
    const config =
      configInChunk(chunk) ??
      this.#known.get(epoch) ??
      this.#described(chunk) ??
      (await this.#fetched(chunk));
    if (config !== null) this.#remember(epoch, config);
    return config;
  }

  async #fetched(chunk: Chunk): Promise<CodecConfig | null> {
    this.#description = (await this.#refresh()) ?? this.#description;
    // The description may be of another epoch still: with the same codec it is the best there is.
    return this.#described(chunk) ?? configFrom(chunk, this.#description.codec);
  }

  #described(chunk: Chunk): CodecConfig | null {
    const { codec, live } = this.#description;
    return live?.epoch === chunk.header.epoch ? configFrom(chunk, codec) : null;
  }

  #remember(epoch: Epoch, config: CodecConfig): void {
    this.#known.set(epoch, config);
    const oldest = this.#known.keys().next();
    if (this.#known.size > EPOCHS_MAX && oldest.done !== true) this.#known.delete(oldest.value);
  }
}

function configInChunk(chunk: Chunk): CodecConfig | null {
  const metadata = decodeMetadata(chunk);
  if (metadata?.sampleRateHz === undefined || metadata.channelCount === undefined) return null;
  return {
    codec: chunk.header.codec,
    sampleRateHz: metadata.sampleRateHz,
    channelCount: metadata.channelCount,
    setup: bytesOf(metadata.setup ?? null),
  };
}

function configFrom(chunk: Chunk, description: CodecDescription | null): CodecConfig | null {
  if (description === null || description.codec !== chunk.header.codec) return null;
  const { codec, sampleRateHz, channelCount, setup } = description;
  return { codec, sampleRateHz, channelCount, setup: bytesOf(setup) };
}

const bytesOf = (base64: string | null): Uint8Array | null =>
  base64 === null ? null : Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

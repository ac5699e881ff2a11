import { payloadPart } from '../../shared/chunk/chunk.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { sameConfig } from '../../shared/codec/codec.ts';
import type { CodecConfig, CodecName, Frame } from '../../shared/codec/codec.ts';
import { unpackFrames } from '../../shared/codec/frames.ts';
import type { CodecDirectory } from './codec-directory.ts';
import { concat } from './concat.ts';
import { ElementTimeline } from './element-timeline.ts';
import { titleOf } from './track-title.ts';
import { chooseFormat } from './formats.ts';
import { openMediaSource } from './media-source.ts';
import type { MediaSourceConstructor } from './media-source.ts';
import { SinkBuffer, KEEP_BEHIND_S } from './sink-buffer.ts';

/** Chunks waiting to be appended: a minute's worth. Beyond, the oldest are dropped. */
export const QUEUE_CHUNKS_MAX = 240;
/** Chunks in one append: a burst costs two or three appends instead of ten. */
const BATCH_CHUNKS_MAX = 6;

export interface MediaSinkOptions {
  readonly audio: HTMLAudioElement;
  readonly mediaSource: MediaSourceConstructor;
  readonly codecs: CodecDirectory;
  /** The sink is of no more use: make another, or play by other means. */
  readonly onFailure: (failure: SinkFailure) => void;
}

export type SinkFailure =
  | { readonly type: 'codec-not-playable'; readonly codec: CodecName }
  /** The browser refused bytes, or broke. */
  | { readonly type: 'broken'; readonly reason: string };

/**
 * Attaches a media source to the audio element at once (so that `play()` may follow in the same click) and gives
 * chunks to it: in the order they come, end to end, across epochs and changes of codec. Chunks
 * that were skipped leave no hole; what follows them is simply heard earlier.
 */
export class MediaSink {
  readonly timeline = new ElementTimeline();
  readonly #options: MediaSinkOptions;
  readonly #source: Promise<MediaSource | null>;
  #queue: Chunk[] = [];
  #buffer: SinkBuffer | null = null;
  #config: CodecConfig | null = null;
  #initialised = false;
  /** Where the next sound goes, in element seconds. */
  #end = 0;
  #phase: 'idle' | 'appending' | 'closed' = 'idle';

  constructor(options: MediaSinkOptions) {
    this.#options = options;
    this.#source = openMediaSource(options.mediaSource, options.audio).catch((error: unknown) => {
      this.#fail({ type: 'broken', reason: String(error) });
      return null;
    });
  }

  /** Distance to the next buffered sound where the playhead is in none, in seconds; null otherwise. */
  get gap(): number | null {
    const { buffered, currentTime } = this.#options.audio;
    let next = Infinity;
    for (let index = 0; index < buffered.length; index++) {
      if (buffered.start(index) <= currentTime && currentTime < buffered.end(index)) return null;
      if (buffered.start(index) > currentTime) next = Math.min(next, buffered.start(index));
    }
    return next === Infinity ? null : next - currentTime;
  }

  play(chunk: Chunk): void {
    if (this.#phase === 'closed') return;
    this.#queue.push(chunk);
    if (this.#queue.length > QUEUE_CHUNKS_MAX) this.#queue.shift();
    if (this.#phase === 'idle') void this.#drain();
  }

  /** Sound that is appended but not heard, in seconds. */
  get ahead(): number {
    return Math.max(0, this.#end - this.#options.audio.currentTime);
  }

  close(): void {
    this.#phase = 'closed';
    this.#queue = [];
  }

  async #drain(): Promise<void> {
    this.#phase = 'appending';
    try {
      while (this.#queue.length > 0 && !this.#isClosed()) await this.#appendNext();
      if (!this.#isClosed()) this.#phase = 'idle';
    } catch (error) {
      this.#fail({ type: 'broken', reason: String(error) });
    }
  }

  /** The phase may change during every `await`. */
  #isClosed(): boolean {
    return this.#phase === 'closed';
  }

  async #appendNext(): Promise<void> {
    const batch = this.#takeBatch();
    const first = batch[0];
    if (first === undefined) return;
    const config = await this.#options.codecs.configOf(first);
    if (config === null || this.#isClosed()) return;
    const buffer = await this.#bufferFor(config);
    if (buffer === null || this.#isClosed()) return;
    const pieces = batch.flatMap((chunk) => pieceOf(chunk, config));
    if (pieces.length === 0) return;
    const start = this.#end;
    await buffer.append(await this.#pack(buffer, config, pieces));
    this.#recordBatch(pieces, start);
    const ownEnd = start + pieces.reduce((sum, piece) => sum + piece.duration, 0);
    this.#end = buffer.format.packing === 'raw' ? buffer.end : ownEnd;
    await buffer.trim();
    this.timeline.trimBefore(this.#options.audio.currentTime - KEEP_BEHIND_S);
  }

  /** Chunks of one epoch: they share a configuration. */
  #takeBatch(): readonly Chunk[] {
    const epoch = this.#queue[0]?.header.epoch;
    const other = this.#queue.findIndex((chunk) => chunk.header.epoch !== epoch);
    const sameCount = other === -1 ? this.#queue.length : other;
    return this.#queue.splice(0, Math.min(sameCount, BATCH_CHUNKS_MAX));
  }

  async #bufferFor(config: CodecConfig): Promise<SinkBuffer | null> {
    if (this.#buffer !== null && this.#config !== null && sameConfig(this.#config, config))
      return this.#buffer;
    const { mediaSource, audio } = this.#options;
    const format = chooseFormat(config, (mimeType) => mediaSource.isTypeSupported(mimeType));
    if (format === null) {
      this.#fail({ type: 'codec-not-playable', codec: config.codec });
      return null;
    }
    if (this.#buffer === null) {
      const source = await this.#source;
      if (source === null || this.#isClosed()) return null;
      this.#buffer = new SinkBuffer(audio, source, format);
    } else this.#buffer.changeFormat(format);
    this.#config = config;
    this.#initialised = false;
    return this.#buffer;
  }

  async #pack(
    buffer: SinkBuffer,
    config: CodecConfig,
    pieces: readonly Piece[],
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { packing } = buffer.format;
    if (packing === 'raw') return concat(pieces.map((piece) => payloadPart(piece.chunk)));
    const { packFragment } = await import('./container.ts');
    const frames = pieces.flatMap((piece) => piece.frames);
    const fragment = await packFragment(packing, config, frames, this.#end);
    const bytes = this.#initialised ? fragment.media : concat([fragment.initialisation, fragment.media]);
    this.#initialised = true;
    return bytes;
  }

  #recordBatch(pieces: readonly Piece[], batchStart: number): void {
    let start = batchStart;
    for (const { chunk, duration } of pieces) {
      const { epoch, sequence, mediaTime, packagedAt } = chunk.header;
      const title = titleOf(chunk);
      this.timeline.add({ start, duration, epoch, sequence, mediaTime, packagedAt, title });
      start += duration;
    }
  }

  #fail(failure: SinkFailure): void {
    if (this.#isClosed()) return;
    this.close();
    this.#options.onFailure(failure);
  }
}

interface Piece {
  readonly chunk: Chunk;
  readonly frames: readonly Frame[];
  /** Seconds. */
  readonly duration: number;
}

/** Nothing for a payload that is not frames: the origin signed it, but it cannot be played. */
function pieceOf(chunk: Chunk, config: CodecConfig): readonly Piece[] {
  const unpacked = unpackFrames(config.codec, payloadPart(chunk));
  if (!unpacked.ok) return [];
  const samples = unpacked.frames.reduce((sum, frame) => sum + frame.sampleCount, 0);
  return [{ chunk, frames: unpacked.frames, duration: samples / config.sampleRateHz }];
}

import type { CodecDescription } from '../../shared/station/description.ts';
import type { LiveMount } from '../station/live-mount.ts';
import { fragmentedMp4 } from './fragmented-mp4.ts';
import type { Mp4Parts } from './fragmented-mp4.ts';
import { mediaPlaylist } from './media-playlist.ts';
import type { SegmentEnding } from './media-playlist.ts';
import { packedAudio } from './packed-audio.ts';
import { Segmenter } from './segmenter.ts';
import type { Segment } from './segmenter.ts';

export interface HlsFile {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** Why there is nothing: `not-yet` passes, `codec` does not. */
export type HlsFault = { readonly fault: 'not-yet' } | { readonly fault: 'codec'; readonly codec: string };

const CONTENT_TYPES: Readonly<Record<SegmentEnding, string>> = {
  mp3: 'audio/mpeg',
  aac: 'audio/aac',
  m4s: 'audio/mp4',
};

/** One mount over HLS. A segment is made when it is first asked for, once for all. */
export class HlsMount {
  readonly mount: LiveMount;
  readonly #stationName: string;
  readonly #segmenter = new Segmenter();
  readonly #packed = new WeakMap<Segment, Uint8Array>();
  readonly #mp4 = new WeakMap<Segment, Promise<Mp4Parts>>();

  constructor(mount: LiveMount, stationName: string) {
    this.mount = mount;
    this.#stationName = stationName;
    mount.onChunk((chunk) => this.#segmenter.take(chunk, mount.description().codec));
  }

  /** A media playlist, or why there is none. */
  playlist(): string | HlsFault {
    const { codec } = this.mount.description();
    if (codec === null) return { fault: 'not-yet' };
    const ending = endingOf(codec);
    if (ending === null) return { fault: 'codec', codec: codec.codec };
    // After a change of codec what was before is another kind of segment.
    const segments = this.#segmenter.listed.filter((segment) => segment.codec.codec === codec.codec);
    return segments.length === 0 ? { fault: 'not-yet' } : mediaPlaylist(segments, ending, this.#stationName);
  }

  /** RFC 6381; null: HLS does not carry it, or it is not known yet. */
  get codecs(): string | null {
    const { codec } = this.mount.description();
    return codec === null ? null : codecsOf(codec);
  }

  /** @param name as the playlist has it. Null: there is none, or no more. */
  async file(name: string): Promise<HlsFile | null> {
    const [, digits = '', ending = ''] = /^(\d{1,15})\.(mp3|aac|m4s|mp4)$/.exec(name) ?? [];
    const number = Number(digits);
    const isInitialisation = ending === 'mp4';
    const segment = isInitialisation ? this.#segmenter.findEpoch(number) : this.#segmenter.find(number);
    const known = segment === null ? null : endingOf(segment.codec);
    if (digits === '' || segment === null || known !== (isInitialisation ? 'm4s' : ending)) return null;
    if (known !== 'm4s') return { body: this.#pack(segment), contentType: CONTENT_TYPES[known] };
    const { initialisation, media } = await this.#mux(segment);
    return { body: isInitialisation ? initialisation : media, contentType: CONTENT_TYPES.m4s };
  }

  #pack(segment: Segment): Uint8Array {
    const made = this.#packed.get(segment) ?? packedAudio(segment);
    this.#packed.set(segment, made);
    return made;
  }

  #mux(segment: Segment): Promise<Mp4Parts> {
    const made = this.#mp4.get(segment) ?? fragmentedMp4(segment, segment.codec);
    this.#mp4.set(segment, made);
    return made;
  }
}

function endingOf({ codec }: CodecDescription): SegmentEnding | null {
  if (codec === 'mp3' || codec === 'aac') return codec;
  return codec === 'opus' || codec === 'flac' ? 'm4s' : null;
}

const CODECS: Readonly<Record<string, string>> = { mp3: 'mp4a.40.34', opus: 'Opus', flac: 'fLaC' };

function codecsOf({ codec, setup }: CodecDescription): string | null {
  if (codec !== 'aac') return CODECS[codec] ?? null;
  const first = setup === null ? undefined : Buffer.from(setup, 'base64')[0];
  return `mp4a.40.${first === undefined ? 2 : first >> 3}`;
}

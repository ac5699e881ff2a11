import { limitText } from '../ingest/text.ts';

/** What a source client says of its stream. Texts are empty and numbers null where it says nothing. */
export interface StreamInfo {
  readonly name: string;
  readonly description: string;
  readonly genre: string;
  readonly url: string;
  readonly isPublic: boolean;
  readonly bitrateKbps: number | null;
  /** E.g. `channels` → `2`; keys without `ice-`. */
  readonly audioInfo: ReadonlyMap<string, string>;
}

/** One thing has three names, by the age of the client: Icecast 2, Shoutcast, Icecast 1. */
const PREFIXES = ['ice-', 'icy-', 'x-audiocast-'];

/** @param headers by lower-case name. */
export function readStreamInfo(headers: ReadonlyMap<string, string>): StreamInfo {
  const text = (...names: readonly string[]): string => {
    for (const prefix of PREFIXES)
      for (const name of names) {
        const value = headers.get(`${prefix}${name}`)?.trim() ?? '';
        if (value !== '') return limitText(value);
      }
    return '';
  };
  const audioInfo = readAudioInfo(text('audio-info'));
  const bitrate = /^\d+/.exec(text('bitrate', 'br') || (audioInfo.get('bitrate') ?? ''))?.[0];
  return {
    name: text('name'),
    description: text('description'),
    genre: text('genre'),
    url: text('url'),
    isPublic: text('public', 'pub') === '1',
    bitrateKbps: bitrate === undefined || Number(bitrate) === 0 ? null : Math.min(10_000, Number(bitrate)),
    audioInfo,
  };
}

const AUDIO_INFO_ENTRIES_MAX = 16;

/** `ice-samplerate=44100;ice-bitrate=128;channels=2`: percent-encoded, with or without the prefix. */
function readAudioInfo(text: string): ReadonlyMap<string, string> {
  const pairs = text
    .split(';')
    .slice(0, AUDIO_INFO_ENTRIES_MAX)
    .flatMap((part): readonly (readonly [string, string])[] => {
      const [key = '', value = ''] = part.split('=', 2);
      const name = key.trim().toLowerCase().replace(/^ice-/, '');
      return name === '' || value === '' ? [] : [[name, decode(value.trim())]];
    });
  return new Map(pairs);
}

function decode(text: string): string {
  try {
    return limitText(decodeURIComponent(text));
  } catch {
    return text;
  }
}

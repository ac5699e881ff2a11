import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { CodecDescription } from '../../shared/station/description.ts';
import type { EdgeEnv } from '../edge/api.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { rawFormat } from '../edge/raw-format.ts';
import type { RawFormat } from '../edge/raw-format.ts';
import type { LiveMount } from '../station/live-mount.ts';
import { head10, takeSocket } from './http-10.ts';
import type { HeaderLine } from './http-10.ts';
import { ICY_INTERVAL_BYTES, IcyBlocks, icyText } from './icy-blocks.ts';
import { titleAt, titleIn } from './mount-titles.ts';
import { isOwnServer } from './own-servers.ts';
import { PLAYER_HEADERS } from './player-headers.ts';
import type { PlayerStream } from './players.ts';
import { streamInfoOf } from './stream-info.ts';

/** A player's buffer fills at once with so much sound, so that it starts at once (Icecast's default burst). */
export const BURST_BYTES_MAX = 65_536;

/** The bare stream at the mount's own address, as Icecast gives it, for players that know nothing of chunks. */
export function answerMount(
  c: Context<EdgeEnv>,
  edge: EdgeContext,
  station: LiveStation,
  mount: LiveMount,
): Response {
  const { codec } = mount.description();
  if (codec === null) return refuse(c, 'There is no sound yet; try again in a moment.\n');
  if (edge.players.isFull) return refuse(c, 'Too many players are connected.\n');
  const full = edge.room.whyNot(mount, 1);
  if (full !== null) return refuse(c, `${full}.\n`);
  const { incoming, outgoing } = c.env;
  const socket = takeSocket(incoming, outgoing);
  if (socket === null) return RESPONSE_ALREADY_SENT;

  const format = rawFormat(codec);
  // Icecast gives no metadata of its own in Ogg either: there it is in the stream.
  const withTitles = incoming.headers['icy-metadata'] === '1' && format.contentType !== 'audio/ogg';
  const head = head10('200 OK', [
    ...PLAYER_HEADERS(edge.now()),
    ['Content-Type', format.contentType],
    ...icyHeaders(edge, station, mount, codec, edge.forwarding.requestedUrl(incoming)),
    ...(withTitles ? [['icy-metaint', String(ICY_INTERVAL_BYTES)] as const] : []),
  ]);
  if (incoming.method === 'HEAD') {
    socket.write(head);
    socket.destroySoon();
    return RESPONSE_ALREADY_SENT;
  }
  const userAgent = incoming.headers['user-agent'] ?? '';
  const isKept = edge.listenerPrivacy.keepAddresses;
  edge.players.add(
    socket,
    mount,
    {
      address: isKept ? edge.forwarding.clientAddress(incoming) : '',
      userAgent: isKept ? userAgent : '',
      isServer: isOwnServer(userAgent),
    },
    playerStream(head, format, mount, codec, withTitles ? station.name : null),
  );
  return RESPONSE_ALREADY_SENT;
}

function refuse(c: Context<EdgeEnv>, text: string): Response {
  return c.text(text, 503, {
    'Cache-Control': 'no-store',
    'Retry-After': '5',
    'Access-Control-Allow-Origin': '*',
  });
}

function icyHeaders(
  edge: EdgeContext,
  station: LiveStation,
  mount: LiveMount,
  { sampleRateHz, channelCount }: CodecDescription,
  publicUrl: string,
): readonly HeaderLine[] {
  const info = streamInfoOf(edge, station, mount, publicUrl);
  const bitrate = String(info.bitrateKbps);
  return [
    ['icy-br', bitrate],
    ['ice-audio-info', `samplerate=${sampleRateHz};channels=${channelCount};bitrate=${bitrate}`],
    ...(info.description === '' ? [] : [['icy-description', info.description] as const]),
    ...(info.genre === '' ? [] : [['icy-genre', info.genre] as const]),
    ['icy-name', info.name],
    ['icy-pub', info.isPublic ? '1' : '0'],
    ['icy-url', info.url],
    ['icy-metadata', '1'],
  ];
}

/** @param stationName what to say where there is no title; null: no titles between the sound. */
function playerStream(
  head: Uint8Array,
  format: RawFormat,
  mount: LiveMount,
  { codec }: CodecDescription,
  stationName: string | null,
): PlayerStream {
  const burst = burstOf(mount, format, codec);
  const [first] = burst;
  const preamble = format.preamble(first ?? null);
  const title = first === undefined ? mount.description() : titleAt(mount, first);
  const blocks = stationName === null ? null : new IcyBlocks(icyText(title, stationName));
  const withTitles = (chunk: Chunk | null, sound: Uint8Array): readonly Uint8Array[] => {
    if (blocks === null || stationName === null) return [sound];
    const changed = chunk === null ? null : titleIn(chunk);
    if (changed !== null) blocks.setText(icyText(changed, stationName));
    return blocks.push(sound);
  };
  return {
    head,
    beginning: [
      ...(preamble === null ? [] : withTitles(null, preamble)),
      ...burst.flatMap((chunk) => withTitles(chunk, format.encode(chunk))),
    ],
    continues: (chunk) => format.continues(chunk),
    encode: (chunk) => withTitles(chunk, format.encode(chunk)),
  };
}

/** The newest chunks that are no more than BURST_BYTES_MAX together, but at least one. */
function burstOf(mount: LiveMount, format: RawFormat, codec: CodecDescription['codec']): readonly Chunk[] {
  const { newest, oldest } = mount.window;
  if (newest === null || oldest === null) return [];
  const burst: Chunk[] = [];
  let byteCount = 0;
  for (const chunk of mount.window.from(oldest.header.epoch, oldest.header.sequence).toReversed()) {
    const { header } = chunk;
    const fits = header.codec === codec && (!format.isOneEpoch || header.epoch === newest.header.epoch);
    byteCount += header.payloadLength;
    if (!fits || (burst.length > 0 && byteCount > BURST_BYTES_MAX)) break;
    burst.unshift(chunk);
  }
  return burst;
}

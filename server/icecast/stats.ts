import type { UnixMillis } from '../../shared/units.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import { SILENT_AFTER_MS } from '../edge/health.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { rawFormat } from '../edge/raw-format.ts';
import type { LiveMount } from '../station/live-mount.ts';
import { shownTitle } from './icy-blocks.ts';
import { SERVER_NAME } from './player-headers.ts';
import { streamInfoOf } from './stream-info.ts';

/** Names and values as Icecast has them, in its order (alphabetical). */
export type Fields = readonly (readonly [name: string, value: string | number])[];

export interface MountStats {
  readonly path: string;
  /** What everybody may know. */
  readonly shown: Fields;
  /** The administrator's, besides. */
  readonly admin: Fields;
}

export interface Stats {
  readonly shown: Fields;
  readonly admin: Fields;
  readonly mounts: readonly MountStats[];
}

/**
 * The figures of Icecast 2.4 over our mounts that have sound. @param onlyMount a path; null: all.
 * @param publicUrl how whoever asks reaches us.
 */
export function stats(
  edge: EdgeContext,
  startedAt: UnixMillis,
  publicUrl: string,
  onlyMount: string | null,
): Stats {
  const all = soundingMounts(edge);
  const mounts = all.filter(({ mount }) => onlyMount === null || mount.path === onlyMount);
  const listeners = all.reduce((sum, { mount }) => sum + edge.audience.count(mount.id), 0);
  const liveSources = edge.sourceDesk?.liveSources.all().length ?? 0;
  return {
    shown: [
      ['admin', 'icemaster@localhost'],
      ['host', new URL(publicUrl).hostname],
      ['location', 'Earth'],
      ['server_id', SERVER_NAME],
      ['server_start', rfc2822(startedAt)],
      ['server_start_iso8601', iso8601(startedAt)],
    ],
    admin: [
      ['clients', listeners + all.length],
      ['listeners', listeners],
      ['source_client_connections', liveSources],
      ['source_relay_connections', all.length - Math.min(all.length, liveSources)],
      ['source_total_connections', all.length],
      ['sources', all.length],
    ],
    mounts: mounts.map(({ station, mount }) => mountStats(edge, station, mount, publicUrl)),
  };
}

/** Icecast lists what has a source now. */
export function soundingMounts(
  edge: EdgeContext,
): readonly { readonly station: LiveStation; readonly mount: LiveMount }[] {
  const now = edge.now();
  return edge.stations
    .flatMap((station) => station.mounts.map((mount) => ({ station, mount })))
    .filter(({ mount: { window } }) => {
      return window.newest !== null && now - window.newest.header.packagedAt < SILENT_AFTER_MS;
    });
}

/** Unix time at which the mount's sound began. */
export const soundSince = (mount: LiveMount): number => mount.window.live()?.epoch ?? 0;

export const contentTypeOf = (mount: LiveMount): string => {
  const { codec } = mount.description();
  return codec === null ? '' : rawFormat(codec).contentType;
};

function mountStats(
  edge: EdgeContext,
  station: LiveStation,
  mount: LiveMount,
  publicUrl: string,
): MountStats {
  const { codec, title, artist } = mount.description();
  const info = streamInfoOf(edge, station, mount, publicUrl);
  const contentType = contentTypeOf(mount);
  const bitrate = info.bitrateKbps;
  const source = edge.sourceDesk?.liveSources.get(mount.path) ?? null;
  const isOgg = contentType === 'audio/ogg';
  const text = isOgg
    ? title || shownTitle({ title, artist }, station.name)
    : shownTitle({ title, artist }, station.name);
  return {
    path: mount.path,
    shown: [
      ...(isOgg && artist !== '' ? [['artist', artist] as const] : []),
      [
        'audio_info',
        `samplerate=${codec?.sampleRateHz ?? 0};channels=${codec?.channelCount ?? 0};bitrate=${bitrate}`,
      ],
      ['bitrate', bitrate],
      ['channels', codec?.channelCount ?? 0],
      ['genre', info.genre || 'various'],
      ['listener_peak', edge.audience.peak(mount.id)],
      ['listeners', edge.audience.count(mount.id)],
      ['listenurl', `${publicUrl}${mount.path}`],
      ['samplerate', codec?.sampleRateHz ?? 0],
      ['server_description', info.description || 'Unspecified description'],
      ['server_name', info.name],
      ['server_type', contentType],
      ['server_url', info.url],
      ['stream_start', rfc2822(soundSince(mount))],
      ['stream_start_iso8601', iso8601(soundSince(mount))],
      ['title', text],
    ],
    admin: [
      ['max_listeners', 'unlimited'],
      ['public', info.isPublic ? 1 : 0],
      ['slow_listeners', 0],
      ['total_bytes_read', source?.receivedBytes ?? 0],
      ['total_bytes_sent', egressOf(edge, mount)],
      ...(source === null ? [] : [['user_agent', source.userAgent] as const]),
    ],
  };
}

const egressOf = (edge: EdgeContext, mount: LiveMount): number =>
  Object.values(edge.egress.totals(mount.id)).reduce((sum, bytes) => sum + bytes, 0);

/** `Tue, 24 Nov 2026 03:40:39 +0000` */
const rfc2822 = (time: number): string => new Date(time).toUTCString().replace('GMT', '+0000');
/** `2026-11-24T03:40:39+0000` */
const iso8601 = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, '+0000');

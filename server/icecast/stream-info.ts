import type { EdgeContext } from '../edge/edge-context.ts';
import type { LiveStation } from '../edge/live-station.ts';
import type { LiveMount } from '../station/live-mount.ts';

/**
 * What old players and directories are told of a mount; empty where nothing is known. The station's own words come
 * first: listeners know it by these, whichever DJ is connected.
 */
export interface ShownStream {
  readonly name: string;
  readonly description: string;
  readonly genre: string;
  /** The station's page. */
  readonly url: string;
  readonly isPublic: boolean;
  readonly bitrateKbps: number;
}

/** @param publicUrl how whoever asks reaches us; no slash at the end. */
export function streamInfoOf(
  edge: EdgeContext,
  station: LiveStation,
  mount: LiveMount,
  publicUrl: string,
): ShownStream {
  const [first] = edge.stations;
  const source = edge.sourceDesk?.liveSources.get(mount.path) ?? null;
  const said = source?.isOnAir === true ? source.info : null;
  return {
    name: station.name,
    description: station.description || said?.description || '',
    genre: said?.genre ?? '',
    url: station === first ? `${publicUrl}/` : `${publicUrl}/${station.id}`,
    isPublic: said?.isPublic ?? false,
    bitrateKbps: Math.round(mount.bitrateKbps),
  };
}

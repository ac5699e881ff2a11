import type { MountId } from '../../../shared/units.ts';
import { STRIPE_COUNT } from '../../../shared/units.ts';
import type { EdgeServer } from '../../edge-server.ts';
import { egressSum } from '../../edge/egress.ts';
import type { FollowedStation } from '../../follow/followed-station.ts';
import type { MountFigures } from '../mount-relay.ts';

/** Bytes of each mount's chunks that have come, from wherever. */
export class TakenBytes {
  readonly #byMount = new Map<MountId, number>();

  count(station: FollowedStation): void {
    for (const mount of station.mounts)
      mount.onChunk(({ wire }) => this.#byMount.set(mount.id, this.of(mount.id) + wire.length));
  }

  of(mountId: MountId): number {
    return this.#byMount.get(mountId) ?? 0;
  }
}

/** What a public relay does for each mount: those whom it feeds by WebRTC are its children. */
export const publicMountFigures = (
  station: FollowedStation,
  edge: EdgeServer,
  taken: TakenBytes,
): readonly MountFigures[] =>
  station.mounts.map((mount) => {
    const { title, artist, album, artworkUrl, show } = mount.description();
    const { seeds, copies } = edge.seeding.load(mount.id);
    const children = Math.round(copies * STRIPE_COUNT);
    return {
      path: mount.path,
      bitrateKbps: mount.bitrateKbps,
      title: title === '' && artist === '' ? null : { title, artist, album, artworkUrl, show },
      // Without a tracker only those are known who hear from us; with one, they are its members too.
      listeners: Math.max(edge.listeners(mount.id), edge.loadOf(mount).listeners),
      neighbours: seeds,
      childCount: children,
      childSlots: children,
      sentBytes: egressSum(edge.egress.totals(mount.id)),
      takenFromEdgesBytes: taken.of(mount.id),
      takenFromPeersBytes: 0,
      isLive: station.path(mount.id) !== null,
      playedOnTime: 1,
    };
  });

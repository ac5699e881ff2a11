import type { EdgeLoad, Room } from '../../edge/room.ts';

export interface RoomLimits {
  /** Of the uplink, in all. */
  readonly uploadKbps: number;
  /** Who hear from us at a time; null: as many as the upload carries. */
  readonly listenersMax: number | null;
}

/** Of the upload, what long-lasting streams may take: the rest is for first seconds and repairs. */
export const STREAMS_SHARE = 0.9;

/** Room within what a volunteer is willing to give. */
export function relayRoom({ uploadKbps, listenersMax }: RoomLimits, load: () => EdgeLoad): Room {
  return {
    whyNot: ({ bitrateKbps }, share) => {
      const { listeners, kbps } = load();
      if (share === 0)
        return kbps < uploadKbps ? null : `This relay gives all of the ${uploadKbps} kbit/s that it may`;
      if (listenersMax !== null && listeners >= listenersMax)
        return `This relay has as many listeners as it may: ${listenersMax}`;
      if (kbps + bitrateKbps * share > uploadKbps * STREAMS_SHARE)
        return `This relay has no room for one more within the ${uploadKbps} kbit/s that it may give`;
      return null;
    },
  };
}

/** Seeds of one stripe that there is room for. @param stripeKbps of the mount that takes most */
export function seedsFree(limits: RoomLimits, { listeners, kbps }: EdgeLoad, stripeKbps: number): number {
  const byUpload = (limits.uploadKbps * STREAMS_SHARE - kbps) / Math.max(1, stripeKbps);
  const byListeners = (limits.listenersMax ?? Infinity) - listeners;
  return Math.max(0, Math.floor(Math.min(byUpload, byListeners)));
}

/** How much of what it is willing to give is in use, from 0 to 1. */
export function shareInUse({ uploadKbps, listenersMax }: RoomLimits, { listeners, kbps }: EdgeLoad): number {
  const ofUpload = kbps / Math.max(1, uploadKbps);
  const ofListeners = listenersMax === null ? 0 : listeners / listenersMax;
  return Math.min(1, Math.max(ofUpload, ofListeners));
}

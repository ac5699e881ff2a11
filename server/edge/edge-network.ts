import type { MountId } from '../../shared/units.ts';

/** Edges and trackers besides this server, as far as it knows them, and who may take a whole stream from it. */
export interface EdgeNetwork {
  /** Edges may join that a page which is open already does not know yet. */
  readonly relaysMayCome: boolean;
  /**
   * @param ownUrl how the one who asks reaches this server; no slash at the end.
   * @param mountId where this mount is; null: where all of the station's are.
   */
  addresses(stationId: string, ownUrl: string, mountId: MountId | null): Addresses;
  /** @param relayKey null: it did not say who it is. */
  admit(mountId: MountId, relayKey: string | null): Admission;
}

export interface Addresses {
  /** Base addresses, best first for the one who asks. */
  readonly edges: readonly string[];
  /** WebSocket addresses, best first. */
  readonly trackers: readonly string[];
}

/** `path`: by way of which relays this server has the stream, by their keys, the origin's end first. */
export type Admission =
  | { readonly admitted: true; readonly path: readonly string[] }
  | { readonly admitted: false; readonly status: 403 | 503 | 508; readonly reason: string };

export const trackerAddress = (baseUrl: string): string => `${baseUrl.replace(/^http/, 'ws')}/tracker`;

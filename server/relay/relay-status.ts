import type { Usage } from './budget.ts';
import type { MountFigures } from './mount-relay.ts';

/** `looking`: for the station. `resting`: outside the schedule, or over the ceiling. `leaving`: handing children over. */
export type RelayState = 'looking' | 'serving' | 'resting' | 'leaving';

/** What a relay is doing, for people and machines. */
export interface RelayStatus {
  readonly state: RelayState;
  /** Why, where the state does not say it all; else empty. */
  readonly detail: string;
  readonly address: string;
  /** Null until it was found. */
  readonly station: string | null;
  readonly relayKey: string;
  readonly nickname: string | null;
  readonly uptimeSeconds: number;
  readonly mounts: readonly MountFigures[];
  /** Sum over the mounts. */
  readonly listeners: number;
  readonly listenersMax: number | null;
  readonly uploadKbps: number;
  readonly uploadMaxKbps: number;
  readonly usage: Usage;
  readonly monthlyBytes: number | null;
  /** Since the start. */
  readonly sentBytes: number;
  readonly takenFromEdgesBytes: number;
  readonly takenFromPeersBytes: number;
}

/** How often each byte that an edge gave us was passed on; null before there is one. */
export const timesPassedOn = ({ sentBytes, takenFromEdgesBytes }: RelayStatus): number | null =>
  takenFromEdgesBytes === 0 ? null : sentBytes / takenFromEdgesBytes;

/** The same as one JSON object, in bytes and kbit/s. */
export const statusJson = (status: RelayStatus, unixMs: number): string =>
  JSON.stringify({
    time: new Date(unixMs).toISOString(),
    ...status,
    timesPassedOn: timesPassedOn(status),
    mounts: status.mounts.map(({ title, ...mount }) => ({
      ...mount,
      title: title?.title ?? '',
      artist: title?.artist ?? '',
    })),
  });

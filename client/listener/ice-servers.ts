import type { IceServer } from '../../shared/station/description.ts';

/** Credentials run out and trackers change: what is told counts, and of a kind it does not name, what was before. */
export const withToldIceServers = (
  before: readonly IceServer[],
  told: readonly IceServer[],
): readonly IceServer[] => [
  ...told,
  ...before.filter((old) => told.every((server) => isTurn(server) !== isTurn(old))),
];

const isTurn = ({ credential }: IceServer): boolean => credential !== undefined;

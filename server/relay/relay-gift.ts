import type { RelayFigures } from '../relays/relay-messages.ts';
import { signThanks } from '../relays/thanks.ts';
import type { RelayIdentity } from './relay-identity.ts';

/** What a relay gives, before it is signed. */
export interface RelayGift extends Omit<RelayFigures, 'thanks'> {
  /** The month of `bytesMonth`, `YYYY-MM`. */
  readonly month: string;
  /** What it is willing to give. */
  readonly uploadMaxKbps: number;
}

interface Giver {
  readonly identity: RelayIdentity;
  readonly stationKey: string;
  readonly nickname: string | null;
}

/** The same for the station, signed if the volunteer wants to be named. @param unixMs now */
export function signedFigures(
  { month, uploadMaxKbps, ...figures }: RelayGift,
  { identity, stationKey, nickname }: Giver,
  unixMs: number,
): RelayFigures {
  // Nothing is counted yet.
  if (nickname === null || month === '') return { ...figures, thanks: null };
  const thanks = signThanks((data) => identity.sign(data), {
    relayKey: identity.publicKeyText,
    stationKey,
    nickname,
    month,
    bytes: figures.bytesMonth,
    listeners: figures.listeners,
    uploadMaxKbps: Math.ceil(uploadMaxKbps),
    timeMs: unixMs,
  });
  return { ...figures, thanks };
}

import type { RelayPass } from '../../shared/tracker/messages.ts';
import type { UnixMillis } from '../../shared/units.ts';
import { isSignedBy } from '../follow/chunk-check.ts';

/**
 * A station's word that a relay is one of those it takes: the relay shows it to the station's trackers, which make such
 * members seeds before all listeners. It bears no secret, and a relay that shows another's gains nothing that its own
 * would not give it; so it need not be bound to a connection, only be short-lived.
 */
export const PASS_LIFETIME_MS = 3_600_000;

/** @param sign in the station's name */
export function makePass(
  sign: (data: Uint8Array) => Uint8Array,
  relayKey: string,
  now: UnixMillis,
): RelayPass {
  const untilMs = now + PASS_LIFETIME_MS;
  const signature = Buffer.from(sign(Buffer.from(passText(relayKey, untilMs)))).toString('base64url');
  return { relayKey, untilMs, signature };
}

/** A pass holds until its time; one that says that it holds for longer than any does is none. */
export const isPassOf = (stationKey: string, pass: RelayPass, now: UnixMillis): boolean =>
  pass.untilMs > now &&
  pass.untilMs <= now + 2 * PASS_LIFETIME_MS &&
  isSignedBy(stationKey, passText(pass.relayKey, pass.untilMs), Buffer.from(pass.signature, 'base64url'));

const passText = (relayKey: string, untilMs: number): string =>
  `essaim-relay-pass-1\n${relayKey}\n${untilMs}`;

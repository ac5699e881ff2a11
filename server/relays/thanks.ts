import { z } from 'zod';
import { isSignedBy } from '../follow/chunk-check.ts';
import { keySchema, nicknameSchema, signatureSchema } from './relay-schemas.ts';

const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);
const countSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/**
 * What a relay that wants to be named says that it gave, signed with its own key. The signature proves who said it, and
 * that nobody else changed it; that it is true no signature can prove.
 */
export const signedThanksSchema = z
  .object({
    relayKey: keySchema,
    /** Of the station that it gave to. */
    stationKey: keySchema,
    nickname: nicknameSchema,
    /** `YYYY-MM` of the relay's own calendar. */
    month: monthSchema,
    /** Bytes of sound that it sent in that month. */
    bytes: countSchema,
    /** Listeners that it served when it said so. */
    listeners: z.number().int().min(0).max(1_000_000),
    /** What it is willing to give. */
    uploadMaxKbps: countSchema,
    /** Unix time. */
    timeMs: countSchema,
    signature: signatureSchema,
  })
  .readonly();
export type SignedThanks = z.infer<typeof signedThanksSchema>;
export type Thanks = Omit<SignedThanks, 'signature'>;

/** What is signed: a line each, in this order, UTF-8. */
const thanksText = (thanks: Thanks): string =>
  [
    'essaim-relay-thanks-1',
    thanks.relayKey,
    thanks.stationKey,
    thanks.nickname,
    thanks.month,
    thanks.bytes,
    thanks.listeners,
    thanks.uploadMaxKbps,
    thanks.timeMs,
  ].join('\n');

/** @param sign with the relay's own key */
export function signThanks(sign: (data: Uint8Array) => Uint8Array, thanks: Thanks): SignedThanks {
  const signature = Buffer.from(sign(Buffer.from(thanksText(thanks)))).toString('base64url');
  return { ...thanks, signature };
}

/** The relay that it names has said so, of this station. */
export const isThanksOf = (stationKey: string, { signature, ...thanks }: SignedThanks): boolean =>
  thanks.stationKey === stationKey &&
  isSignedBy(thanks.relayKey, thanksText(thanks), Buffer.from(signature, 'base64url'));

/** An item of `GET /api/relays`. */
export const toldThanksSchema = z
  .object({
    nickname: nicknameSchema,
    bytesMonth: countSchema,
    /** Now: none while it is away. */
    listeners: countSchema,
    statement: signedThanksSchema,
  })
  .readonly();
export type ToldThanks = z.infer<typeof toldThanksSchema>;

export const tellThanks = (statement: SignedThanks, isHere: boolean): ToldThanks => ({
  nickname: statement.nickname,
  bytesMonth: statement.bytes,
  listeners: isHere ? statement.listeners : 0,
  statement,
});

/** Any page may show them. */
export const THANKS_HEADERS = { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' };
/** Relays that are thanked at a time, those that gave most first. */
export const THANKED_MAX = 100;
export const toldThanksListSchema = z.object({ relays: z.array(toldThanksSchema).max(THANKED_MAX) });

export const byBytes = (left: ToldThanks, right: ToldThanks): number => right.bytesMonth - left.bytesMonth;

/** A month begins and ends so much earlier or later elsewhere. */
export const TIME_ZONES_MS = 14 * 3_600_000;

/** It is this month somewhere. */
export const isMonthOf = (unixMs: number, month: string): boolean =>
  [-TIME_ZONES_MS, TIME_ZONES_MS].some((offset) => new Date(unixMs + offset).toISOString().startsWith(month));

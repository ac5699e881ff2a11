import { createHash } from 'node:crypto';
import { z } from 'zod';
import { figuresSchema, mountIdsSchema } from '../relays/relay-messages.ts';
import { keySchema, nicknameSchema, signatureSchema } from '../relays/relay-schemas.ts';
import {
  seedConnectSchema,
  seedEndedSchema,
  seedMessageSchema,
  seedOfferSchema,
  seedRefusedSchema,
  seedReleaseSchema,
} from '../relays/seeding-messages.ts';
import { THANKED_MAX, toldThanksSchema } from '../relays/thanks.ts';

/**
 * How a station sends its sound to a public relay by itself: one WebSocket that the station opens to FEED_PATH of the
 * relay. The relay begins with `challenge`; the station proves its key with `feed`; the relay proves its own with
 * `ready` and says what it has already. From then on the station sends every chunk as a binary message (the chunk's
 * wire format, which names its mount), and `station` when what is to be known of it has changed. Its logo comes once, as
 * `logo`.
 */
export const FEED_PATH = '/feed';
export const FEED_PROTOCOL_VERSION = 1;
/** A station's description of 16 mounts is about 8 KB, its texts 10 KB; the largest logo is 88 KB in base64. */
export const FEED_TEXT_LENGTH_MAX = 131_072;

const nonceSchema = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/);
const positionSchema = z.object({
  mountId: z.string().regex(/^[0-9a-f]{16}$/),
  epoch: z.number().int().min(0),
  sequence: z.number().int().min(0),
});

/** What a relay says. */
export const fromFedRelaySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), nonce: nonceSchema, relayKey: keySchema }),
  z.object({
    type: z.literal('ready'),
    /** Over `relayText`. */
    signature: signatureSchema,
    nickname: nicknameSchema.nullable(),
    isTracking: z.boolean(),
    mountIds: mountIdsSchema,
    /** The newest chunk that it holds of each mount. */
    positions: z.array(positionSchema).max(64),
  }),
  z.object({ type: z.literal('refused'), reason: z.string().max(500) }),
  /** It stops in a few seconds: listeners are to be told of it no more. The feed goes on until it ends. */
  z.object({ type: z.literal('leaving') }),
  /** Every FIGURES_INTERVAL_MS, to a station that takes them. */
  z.object({ type: z.literal('figures'), figures: figuresSchema }),
  seedOfferSchema,
  seedRefusedSchema,
  seedEndedSchema,
]);
export type FromFedRelay = z.infer<typeof fromFedRelaySchema>;

const addressesShape = {
  edges: z.array(z.string().max(200)).max(64).readonly(),
  trackers: z.array(z.string().max(200)).max(16).readonly(),
};

/** What a station says. */
export const fromStationSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('feed'),
    version: z.number().int(),
    stationKey: keySchema,
    /** Ours for the relay to prove its key with. */
    nonce: nonceSchema,
    /** JSON of the station's description: as text, since it is signed. */
    station: z.string().max(FEED_TEXT_LENGTH_MAX),
    /** Over `feedText`. */
    signature: signatureSchema,
    /** It knows what to do with figures, and has relays that can feed seeds feed them. */
    takesFigures: z.boolean().default(false),
  }),
  seedMessageSchema,
  seedConnectSchema,
  seedReleaseSchema,
  z.object({
    type: z.literal('station'),
    /** Checked by the station description's own schema. */
    station: z.unknown(),
    ...addressesShape,
    /** Now and then, whom the station thanks. */
    relays: z.array(toldThanksSchema).max(THANKED_MAX).readonly().optional(),
  }),
  z.object({
    type: z.literal('logo'),
    /** The file in base64; the description names it by its hash. */
    data: z.base64().max(FEED_TEXT_LENGTH_MAX),
  }),
]);
export type FromStation = z.infer<typeof fromStationSchema>;

/** What the station signs: this relay's nonce and key, so that it holds for no other, and what it says of itself. */
export const feedText = (nonce: string, relayKey: string, station: string): string =>
  `essaim-feed-1\n${nonce}\n${relayKey}\n${createHash('sha256').update(station).digest('hex')}`;

/** What the relay signs. */
export const relayText = (nonce: string, stationKey: string): string =>
  `essaim-feed-relay-1\n${nonce}\n${stationKey}`;

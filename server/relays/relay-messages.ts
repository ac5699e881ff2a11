import { z } from 'zod';
import { keySchema, nicknameSchema, signatureSchema } from './relay-schemas.ts';
import {
  seedConnectSchema,
  seedEndedSchema,
  seedMessageSchema,
  seedOfferSchema,
  seedRefusedSchema,
  seedReleaseSchema,
  seedRoomSchema,
} from './seeding-messages.ts';
import { signedThanksSchema } from './thanks.ts';

/**
 * What a relay and the origin say to each other, JSON over one WebSocket at RELAY_PATH of the origin. The origin
 * begins with `challenge`; the relay proves its key with `hello`; the origin answers with `state`, again whenever that
 * changes, and the relay tells its figures every FIGURES_INTERVAL_MS. The origin may have a public relay feed seeds
 * (`seeding-messages.ts`). No sound goes this way.
 */
export const RELAY_PATH = '/relay';
export const RELAY_PROTOCOL_VERSION = 1;
/** A seed's offer is about 4 KB. */
export const RELAY_MESSAGE_LENGTH_MAX = 16_384;
export const FIGURES_INTERVAL_MS = 5_000;

const nonceSchema = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/);

/** A base address by which listeners may reach a relay: no credentials, path, query or slash at the end. */
export const publicUrlSchema = z
  .string()
  .max(200)
  .refine((text) => {
    const url = URL.parse(text);
    return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
  }, 'must be like https://relay.example or https://relay.example:8443');

/** Of the mounts that a relay has; null: all of the station's. */
export const mountIdsSchema = z
  .array(z.string().regex(/^[0-9a-f]{16}$/))
  .max(64)
  .readonly()
  .nullable()
  .default(null);

/** What a relay says that it gives. Totals are of sound, in bytes; the month is the relay's own calendar's. */
export const figuresSchema = z.object({
  /** Listeners it serves now. */
  listeners: z.number().int().min(0).max(1_000_000),
  uploadKbps: z.number().min(0).max(1_000_000_000),
  bytesMonth: z.number().min(0).max(Number.MAX_SAFE_INTEGER),
  /** Share of what it is willing to give that is in use. */
  load: z.number().min(0).max(1),
  /** Null: it feeds no seeds, or is too old to know how. */
  seeding: seedRoomSchema.nullable().default(null),
  /** Null: it does not want to be named. */
  thanks: signedThanksSchema.nullable().default(null),
});
export type RelayFigures = z.infer<typeof figuresSchema>;

export const fromRelaySchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    version: z.number().int(),
    stationKey: keySchema,
    relayKey: keySchema,
    /** Over `helloText`. */
    signature: signatureSchema,
    /** Only if the volunteer wants to be named. */
    nickname: nicknameSchema.nullable(),
    publicUrl: publicUrlSchema.nullable(),
    isTracking: z.boolean(),
    mountIds: mountIdsSchema,
  }),
  z.object({ type: z.literal('figures'), figures: figuresSchema }),
  /** It stops in a few seconds: listeners are no longer told of it. The answer is `state`. */
  z.object({ type: z.literal('leaving') }),
  seedOfferSchema,
  seedRefusedSchema,
  seedEndedSchema,
]);
export type FromRelay = z.infer<typeof fromRelaySchema>;
export type RelayHello = Extract<FromRelay, { type: 'hello' }>;

/** See `relay-pass.ts`. */
const relayPassSchema = z
  .object({ relayKey: keySchema, untilMs: z.number().int(), signature: signatureSchema })
  .readonly();

/** `allowed`: it may relay. `offered`: listeners are told of it. */
const stateSchema = z.object({
  type: z.literal('state'),
  allowed: z.boolean(),
  offered: z.boolean(),
  /** Why not, or empty. */
  reason: z.string().max(500),
  /** For the station's trackers; again before it runs out. */
  pass: relayPassSchema.nullable().default(null),
  /** Other edges and trackers of the station, best first. */
  edges: z.array(z.string().max(200)).max(64).readonly(),
  trackers: z.array(z.string().max(200)).max(16).readonly(),
});
export type RelayState = z.infer<typeof stateSchema>;

export const toRelaySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), nonce: nonceSchema }),
  stateSchema,
  seedMessageSchema,
  seedConnectSchema,
  seedReleaseSchema,
]);
export type ToRelay = z.infer<typeof toRelaySchema>;

/** What a relay signs to prove its key: the nonce is the origin's, and the station is named so that it holds nowhere else. */
export const helloText = (nonce: string, stationKey: string, publicUrl: string | null): string =>
  `essaim-relay-1\n${nonce}\n${stationKey}\n${publicUrl ?? ''}`;

/** What a public relay signs to prove that an address is its own. */
export const addressText = (nonce: string, publicUrl: string): string =>
  `essaim-relay-address-1\n${nonce}\n${publicUrl}`;

/** `GET /api/relay?nonce=` of a public relay. */
export const addressProofSchema = z.object({ relayKey: keySchema, signature: signatureSchema });
export const addressQuery = z.object({ nonce: nonceSchema });

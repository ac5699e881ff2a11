import { z } from 'zod';
import { CODEC_NAMES } from '../codec/codec.ts';
import type { CodecName } from '../codec/codec.ts';

/**
 * What the edge says of a station and its mounts: `GET /api/stations/:station`. The schemas here validate on both
 * sides and are what the OpenAPI description is made from.
 */
export interface StationDescription {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** The Ed25519 public key, 32 bytes in base64url. For show: trust the one that came with the page. */
  readonly publicKey: string;
  readonly mounts: readonly MountDescription[];
  /** Base addresses of edges, best first; the first is the origin. No slash at the end. */
  readonly edges: readonly string[];
  /** WebSocket addresses of trackers. */
  readonly trackers: readonly string[];
  readonly iceServers: readonly IceServer[];
}

export interface MountDescription {
  /** 16 hexadecimal digits: the first 8 bytes of SHA-256 over the station's public key and the mount's path. */
  readonly id: string;
  /** Where old players find it, e.g. `/live.mp3`; also its name to people. */
  readonly path: string;
  readonly bitrateKbps: number;
  readonly chunkDurationMs: number;
  readonly stripeCount: number;
  /** Null until the source has sent its first frame. */
  readonly codec: CodecDescription | null;
  /** Null while the window is empty. */
  readonly live: LivePosition | null;
  readonly title: string;
  readonly artist: string;
}

/** How to start a decoder for the mount's current epoch; `setup` is base64 (see CodecConfig). */
export interface CodecDescription {
  readonly codec: CodecName;
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly setup: string | null;
}

/** The newest chunk that the window holds, and the oldest of the same epoch. */
export interface LivePosition {
  readonly epoch: number;
  readonly oldest: number;
  readonly newest: number;
}

/** As RTCIceServer. */
export interface IceServer {
  readonly urls: string | string[];
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

export const codecDescriptionSchema: z.ZodType<CodecDescription> = z.object({
  codec: z.enum(CODEC_NAMES),
  sampleRateHz: z.number().int().positive(),
  channelCount: z.number().int().positive(),
  setup: z.string().nullable(),
});

export const livePositionSchema: z.ZodType<LivePosition> = z.object({
  epoch: z.number().int().nonnegative(),
  oldest: z.number().int().nonnegative(),
  newest: z.number().int().nonnegative(),
});

export const mountDescriptionSchema: z.ZodType<MountDescription> = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  path: z.string().regex(/^\/[A-Za-z0-9._-]{1,64}$/),
  bitrateKbps: z.number().positive(),
  chunkDurationMs: z.number().positive(),
  stripeCount: z.number().int().positive(),
  codec: codecDescriptionSchema.nullable(),
  live: livePositionSchema.nullable(),
  title: z.string(),
  artist: z.string(),
});

export const iceServerSchema: z.ZodType<IceServer> = z.object({
  urls: z.union([z.string(), z.array(z.string())]),
  username: z.string().optional(),
  credential: z.string().optional(),
});

export const stationDescriptionSchema: z.ZodType<StationDescription> = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  name: z.string().min(1).max(200),
  description: z.string().max(2000),
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  mounts: z.array(mountDescriptionSchema).max(64),
  edges: z.array(z.string()).max(64),
  trackers: z.array(z.string()).max(16),
  iceServers: z.array(iceServerSchema).max(16),
});

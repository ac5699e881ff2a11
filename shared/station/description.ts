import * as z from 'zod/mini';
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
  /** What plays at the live edge; each empty where the station does not say. */
  readonly title: string;
  readonly artist: string;
  readonly album: string;
  /** http or https. */
  readonly artworkUrl: string;
  readonly show: string;
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

export const codecDescriptionSchema: z.ZodMiniType<CodecDescription> = z.object({
  codec: z.enum(CODEC_NAMES),
  sampleRateHz: z.int().check(z.positive()),
  channelCount: z.int().check(z.positive()),
  setup: z.nullable(z.string()),
});

export const livePositionSchema: z.ZodMiniType<LivePosition> = z.object({
  epoch: z.int().check(z.nonnegative()),
  oldest: z.int().check(z.nonnegative()),
  newest: z.int().check(z.nonnegative()),
});

export const mountDescriptionSchema: z.ZodMiniType<MountDescription> = z.object({
  id: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
  path: z.string().check(z.regex(/^\/[A-Za-z0-9._-]{1,64}$/)),
  bitrateKbps: z.number().check(z.positive()),
  chunkDurationMs: z.number().check(z.positive()),
  stripeCount: z.int().check(z.positive()),
  codec: z.nullable(codecDescriptionSchema),
  live: z.nullable(livePositionSchema),
  title: z.string(),
  artist: z.string(),
  // Servers of before say nothing of these.
  album: z.prefault(z.string(), ''),
  artworkUrl: z.prefault(z.string(), ''),
  show: z.prefault(z.string(), ''),
});

export const iceServerSchema: z.ZodMiniType<IceServer> = z.object({
  urls: z.union([z.string(), z.array(z.string())]),
  username: z.optional(z.string()),
  credential: z.optional(z.string()),
});

export const stationDescriptionSchema: z.ZodMiniType<StationDescription> = z.object({
  id: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/)),
  name: z.string().check(z.minLength(1), z.maxLength(200)),
  description: z.string().check(z.maxLength(2000)),
  publicKey: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
  mounts: z.array(mountDescriptionSchema).check(z.maxLength(64)),
  edges: z.array(z.string()).check(z.maxLength(64)),
  trackers: z.array(z.string()).check(z.maxLength(16)),
  iceServers: z.array(iceServerSchema).check(z.maxLength(16)),
});

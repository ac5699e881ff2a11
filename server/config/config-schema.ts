import { z } from 'zod';
import { isAddressOrRange } from '../edge/trusted-proxies.ts';
import { SITE_PATTERN } from '../embed/allowed-sites.ts';
import { publicUrlSchema } from '../relays/relay-messages.ts';
import { keySchema } from '../relays/relay-schemas.ts';
import { FORWARDED_BY, LOG_LEVELS, RELAYS_ALLOWED } from './config.ts';
import { pageSchema } from './page-schema.ts';

/**
 * The configuration file, `essaim.json`. Unknown fields are refused: a misspelt one would otherwise be a setting
 * that silently does nothing. Keys that begin with `//` are comments, taken out before this looks.
 */
const port = z.number().int().min(0).max(65_535);

const sourceSchema = z
  .string()
  .refine((text) => text === 'demo' || isHttpUrl(text), 'must be "demo" or an http:// or https:// address');

/** A password itself, or where it stands: a file (relative to this one's folder) or an environment variable. */
const passwordSchema = z.union(
  [
    z.string().min(1).max(256),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ env: z.string().min(1) }),
  ],
  'must be a password of 1 to 256 characters, {"file": "…"} or {"env": "…"}',
);

export type PasswordField = z.infer<typeof passwordSchema>;

const loginSchema = (user: string) =>
  z.strictObject({
    user: z
      .string()
      .regex(/^[^:\p{Cc}]{1,64}$/u, 'must be 1 to 64 characters without a colon')
      .default(user),
    password: passwordSchema,
  });

export const MOUNT_PATH_PATTERN = /^\/[A-Za-z0-9._-]{1,64}$/;

const mountSchema = z
  .strictObject({
    path: z
      .string()
      .regex(MOUNT_PATH_PATTERN, 'must be a slash and up to 64 letters, digits, dots, hyphens')
      .refine((path) => !RESERVED_PATHS.has(path), 'is an address that the server itself uses'),
    sources: z.array(sourceSchema).max(8).default([]),
    sourceClient: loginSchema('source').optional(),
    bitrateKbps: z.number().min(8).max(10_000).optional(),
  })
  .refine(
    (mount) => mount.sources.length > 0 || mount.sourceClient !== undefined,
    'needs "sources" to pull, or a "sourceClient" that may send to it',
  );

const nowPlayingSchema = z
  .strictObject({
    url: z.string().refine(isHttpUrl, 'must be an http:// or https:// address').nullable().default(null),
    webhookToken: passwordSchema.nullable().default(null),
    delayMs: z.number().int().min(0).max(60_000).default(5000),
  })
  .refine(
    ({ url, webhookToken }) => url !== null || webhookToken !== null,
    'needs a "url" to ask, or a "webhookToken" with which it is brought',
  );

const stationSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens')
    .refine((id) => !RESERVED_PATHS.has(`/${id}`), 'is an address that the server itself uses'),
  name: z.string().min(1).max(200),
  description: z.string().max(2000).default(''),
  page: pageSchema.prefault({}),
  nowPlaying: nowPlayingSchema.nullable().default(null),
  mounts: z.array(mountSchema).min(1).max(16),
  feed: z.array(publicUrlSchema).max(16).default([]),
});

const turnSchema = z.strictObject({
  urls: z
    .array(z.string().regex(/^turns?:/, 'must begin with turn: or turns:'))
    .min(1)
    .max(8),
  secret: z.string().min(1),
  credentialLifetimeSeconds: z.number().int().min(60).max(604_800).default(86_400),
});

export const configFileSchema = z.strictObject({
  stations: z.array(stationSchema).min(1).max(32),
  dataFolder: z.string().min(1).default('data'),
  http: z
    .strictObject({
      host: z.string().min(1).nullable().default(null),
      port: port.default(8080),
      publicUrl: z
        .string()
        .refine(isHttpUrl, 'must be an http:// or https:// address')
        .transform((url) => url.replace(/\/+$/, ''))
        .nullable()
        .default(null),
      trustedProxies: z
        .array(z.string().refine(isAddressOrRange, 'must be an IP address or a range like 10.0.0.0/8'))
        .max(64)
        .default([]),
      forwardedBy: z.enum(FORWARDED_BY).default('x-forwarded'),
      tls: z
        .strictObject({ certificate: z.string().min(1), key: z.string().min(1) })
        .nullable()
        .default(null),
    })
    .prefault({}),
  admin: loginSchema('admin').nullable().default(null),
  shoutcast: z
    .strictObject({ mount: z.string(), port: port.nullable().default(null) })
    .nullable()
    .default(null),
  stun: z.strictObject({ port: port.nullable().default(3478) }).prefault({}),
  turn: z.array(turnSchema).max(8).default([]),
  webrtc: z
    .strictObject({
      enabled: z.boolean().default(true),
      port: port.default(44_300),
      announcedAddress: z.string().min(1).nullable().default(null),
      workersMax: z.number().int().min(1).max(64).nullable().default(null),
    })
    .prefault({}),
  tracker: z
    .strictObject({
      peersPerSwarmMax: z.number().int().min(1).max(100_000).default(20_000),
      peersPerAddressMax: z.number().int().min(1).max(100_000).default(64),
      messagesPerSecondMax: z.number().int().min(1).max(1000).default(50),
      reportIntervalMs: z.number().int().min(1000).max(60_000).default(5000),
    })
    .prefault({}),
  swarm: z.strictObject({ smallSwarmSize: z.number().int().min(0).max(1000).default(2) }).prefault({}),
  playback: z
    .strictObject({
      playoutDelayMs: z.number().int().min(500).max(20_000).default(2500),
      uploadCapKbps: z.number().int().min(0).max(1_000_000).default(1000),
      askToRelay: z.boolean().default(true),
      relayByDefault: z.boolean().default(true),
    })
    .prefault({}),
  embedding: z
    .strictObject({
      allowedSites: z
        .array(
          z
            .string()
            .regex(SITE_PATTERN, 'must be a site like https://blog.example or https://*.blog.example'),
        )
        .max(256)
        .nullable()
        .default(null),
    })
    .prefault({}),
  listenerPrivacy: z.strictObject({ keepAddresses: z.boolean().default(false) }).prefault({}),
  relays: z
    .strictObject({
      allow: z.enum(RELAYS_ALLOWED).default('all'),
      listed: z.array(keySchema).max(1000).default([]),
      banned: z.array(keySchema).max(1000).default([]),
      hideOrigin: z.boolean().default(false),
    })
    .prefault({}),
  logLevel: z.enum(LOG_LEVELS).default('info'),
});

export type ConfigFile = z.infer<typeof configFileSchema>;

/** First parts of addresses that are not stations or mounts. */
export const RESERVED_PATHS: ReadonlySet<string> = new Set([
  '/admin',
  '/admin.cgi',
  '/api',
  '/assets',
  '/healthz',
  '/metrics',
  '/tracker',
  '/favicon.ico',
  '/robots.txt',
  '/hls',
  '/index.html',
  '/7.xsl',
  '/7.html',
  '/status-json.xsl',
  '/widget.js',
  '/widget.d.ts',
  '/embed',
  '/oembed',
  '/relaying',
  '/service-worker.js',
  '/stations',
  '/icon-512.png',
  '/icon-maskable.svg',
]);

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
}

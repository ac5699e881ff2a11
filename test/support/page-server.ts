import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { contentSecurityPolicy, renderPage } from '../../server/page/page.ts';
import { stationStyles } from '../../server/page/theme.ts';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import { framePrefix } from '../../shared/chunk/chunk-framing.ts';
import type {
  CodecDescription,
  MountDescription,
  StationDescription,
} from '../../shared/station/description.ts';
import { payloadPart } from '../../shared/chunk/chunk.ts';
import type { CodecConfig } from '../../shared/codec/codec.ts';
import { PLAIN_PAGE } from '../../shared/station/page.ts';
import { EPOCH_BASE, SCRIPT_CHUNK_MS, SCRIPT_MOUNT_ID } from './chunk-script.ts';
import type { ScriptedChunk } from './chunk-script.ts';

const MOUNT_PATH = '/live.mp3';
const STYLES = '/station.css';
/** Of every reader. */
const LANGUAGE = 'fr';

export interface PageServerOptions {
  /** Folder of the built page. */
  readonly folder: string;
  /** Chunk scripts by the name that the page's `?feed=NAME` asks for. */
  readonly feeds: Readonly<Record<string, Feed>>;
}

export interface Feed {
  readonly config: CodecConfig;
  readonly script: readonly ScriptedChunk[];
  /** Sound that a joiner gets at once. */
  readonly burstMs: number;
  /** Stops sending after this much of the script, for so long; then all that was held back comes at once. */
  readonly outage?: { readonly fromMs: number; readonly forMs: number };
  /** The description's `live`: false for a station that is silent. */
  readonly silent?: boolean;
  /** Every request for sound, or for what the station says of itself, is cut off. */
  readonly cutOff?: boolean;
  /** The name and description of its station. */
  readonly named?: readonly [name: string, description: string];
}

export interface PageServer {
  readonly address: string;
  /** Path of every request, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** A small stand-in for the edge: the page as the edge serves it, its description, and a feed of scripted chunks. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(options, request, response).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('Cannot listen on a port: none was given');
  return {
    address: `http://127.0.0.1:${bound.port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(
  options: PageServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const address = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
  const referer = request.headers.referer ?? address.href;
  const name = address.searchParams.get('feed') ?? new URL(referer).searchParams.get('feed') ?? 'mp3';
  const feed = options.feeds[name];
  if (address.pathname === '/') return sendPage(options, feed, address, response);
  if (address.pathname === STYLES) {
    response.setHeader('content-type', 'text/css');
    return void response.end(stationStyles(PLAIN_PAGE));
  }
  if (feed?.cutOff === true && /^\/(?:feed|live|api)/.test(address.pathname)) return void response.destroy();
  if (address.pathname === '/feed' && feed !== undefined) return sendFeed(feed, response);
  if (address.pathname === MOUNT_PATH && feed !== undefined) return sendRaw(feed, response);
  if (address.pathname.startsWith('/api/stations/'))
    return sendJson(describe(feed, address.origin), response);
  // Artwork is there under its own path.
  const path = join(options.folder, normalize(address.searchParams.get('of') ?? address.pathname));
  response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
  response.end(await readFile(path));
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

async function sendPage(
  options: PageServerOptions,
  feed: Feed | undefined,
  address: URL,
  response: ServerResponse,
): Promise<void> {
  const html = await readFile(join(options.folder, 'index.html'), 'utf8');
  const station = describe(feed, address.origin);
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(station),
  });
  response.end(
    renderPage(
      html,
      {
        station,
        settings: { playoutDelayMs: 2500, uploadCapKbps: 1000, askToRelay: true, relayByDefault: true },
      },
      { tags: `<link rel="stylesheet" href="${STYLES}">`, language: LANGUAGE },
    ),
  );
}

function sendJson(value: unknown, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

/** The bare stream, as old players take it. */
function sendRaw(feed: Feed, response: ServerResponse): Promise<void> {
  response.setHeader('content-type', 'audio/mpeg');
  return pace(feed, response, (wire) => {
    const decoded = decodeChunk(wire);
    if (decoded.ok) response.write(payloadPart(decoded.chunk));
  });
}

function sendFeed(feed: Feed, response: ServerResponse): Promise<void> {
  response.setHeader('content-type', 'application/octet-stream');
  return pace(feed, response, (wire) => {
    response.write(framePrefix(wire.length));
    response.write(wire);
  });
}

/** The burst at once, then each chunk when a packager would have it. */
async function pace(feed: Feed, response: ServerResponse, send: (wire: Uint8Array) => void): Promise<void> {
  const startedAt = Date.now() - feed.burstMs;
  for (const { readyAtMs, wireAt } of feed.script) {
    const waitMs = startedAt + sendAtMs(feed, readyAtMs) - Date.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (response.closed) return;
    send(wireAt(startedAt + readyAtMs));
  }
}

function sendAtMs({ outage }: Feed, readyAtMs: number): number {
  if (outage === undefined || readyAtMs < outage.fromMs) return readyAtMs;
  return Math.max(readyAtMs, outage.fromMs + outage.forMs);
}

function describe(feed: Feed | undefined, origin: string): StationDescription {
  const [name, description] = feed?.named ?? NAMED;
  return {
    id: 'essai',
    name,
    description,
    publicKey: 'A'.repeat(43),
    mounts: [mountOf(feed)],
    edges: [origin],
    trackers: [],
    iceServers: [],
  };
}

const NAMED = ['Radio Essaim', 'Une petite radio portée par celles et ceux qui l’écoutent.'] as const;

function mountOf(feed: Feed | undefined): MountDescription {
  return {
    id: SCRIPT_MOUNT_ID,
    path: MOUNT_PATH,
    bitrateKbps: 128,
    chunkDurationMs: SCRIPT_CHUNK_MS,
    stripeCount: 4,
    codec: feed === undefined ? null : codecOf(feed.config),
    live:
      feed === undefined || feed.silent === true
        ? null
        : { epoch: EPOCH_BASE, oldest: 0, newest: Math.floor(Date.now() / 250) },
    title: '',
    artist: '',
    album: '',
    artworkUrl: '',
    show: '',
  };
}

const codecOf = ({ codec, sampleRateHz, channelCount, setup }: CodecConfig): CodecDescription => ({
  codec,
  sampleRateHz,
  channelCount,
  setup: setup === null ? null : Buffer.from(setup).toString('base64'),
});

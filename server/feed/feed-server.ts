import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { CHUNK_LENGTH_MAX } from '../../shared/chunk/chunk.ts';
import { shownStationSchema } from '../../shared/station/page.ts';
import type { ShownStation } from '../../shared/station/page.ts';
import type { MountId } from '../../shared/units.ts';
import type { Addresses } from '../edge/edge-network.ts';
import { isSignedBy } from '../follow/chunk-check.ts';
import type { ChunkPosition } from '../follow/followed-mount.ts';
import type { Log } from '../log.ts';
import type { GuestLine } from '../relay/public/guest-seeds.ts';
import { FIGURES_INTERVAL_MS } from '../relays/relay-messages.ts';
import type { RelayFigures } from '../relays/relay-messages.ts';
import type { FromSeeder } from '../relays/seeding-messages.ts';
import type { ToldThanks } from '../relays/thanks.ts';
import type { RelayIdentity } from '../relay/relay-identity.ts';
import { upgradesOf } from '../upgrades.ts';
import {
  FEED_PATH,
  FEED_PROTOCOL_VERSION,
  FEED_TEXT_LENGTH_MAX,
  feedText,
  fromStationSchema,
  relayText,
} from './feed-messages.ts';
import type { FromFedRelay, FromStation } from './feed-messages.ts';

export interface FeedServerOptions {
  /** The only station that may feed this relay, by its public key. */
  readonly stationKey: string;
  readonly identity: RelayIdentity;
  readonly nickname: string | null;
  readonly isTracking: boolean;
  /** Of the mounts that it relays; null: all. Asked for once the station is known. */
  readonly mountIds: () => readonly string[] | null;
  /** The newest chunk held of each mount. */
  readonly positions: () => readonly (readonly [MountId, ChunkPosition])[];
  readonly onStation: (station: ShownStation) => void;
  readonly onLogo: (bytes: Uint8Array) => void;
  readonly onAddresses: (addresses: Addresses) => void;
  readonly onThanks: (relays: readonly ToldThanks[]) => void;
  /** What the relay gives, for a station that takes it. */
  readonly figures: () => RelayFigures;
  /** Seeds that the station has fed here; null: none can be, yet. */
  readonly openGuests: (send: (message: FromSeeder) => void) => GuestLine | null;
  /** A whole chunk, not checked. False: it is not the station's, and the feed ends. */
  readonly onChunk: (wire: Uint8Array) => boolean;
  /** A feed begins, or none is left. */
  readonly onFed: (isFed: boolean) => void;
  readonly log: Log;
}

const PROOF_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 5_000;
/** A station sends its sound, and its description between programs; one that is silent for longer is gone. */
const SILENCE_MAX_MS = 12_000;
/** Connections that have not proved themselves yet. */
const STRANGERS_MAX = 20;

/** Takes the feed of one station: the newest connection that proves the station's key is the feed. */
export class FeedServer {
  readonly #options: FeedServerOptions;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: Math.max(CHUNK_LENGTH_MAX, FEED_TEXT_LENGTH_MAX),
  });
  readonly #strangers = new Set<WebSocket>();
  #feed: WebSocket | null = null;
  #guestLine: GuestLine | null = null;
  #takesFigures = false;
  #heardAt = 0;
  #refused = 0;
  readonly #watch: NodeJS.Timeout;
  readonly #figuresTimer: NodeJS.Timeout;

  constructor(options: FeedServerOptions) {
    this.#options = options;
    this.#watch = setInterval(() => this.#look(), PING_INTERVAL_MS);
    this.#watch.unref();
    this.#figuresTimer = setInterval(() => this.#sendFigures(), FIGURES_INTERVAL_MS);
    this.#figuresTimer.unref();
  }

  /** Feeds refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Returns how to stop taking connections. */
  listen(httpServer: Server): () => void {
    return upgradesOf(httpServer).answer(FEED_PATH, (request, socket, head) => {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#opened(webSocket));
    });
  }

  /** The station shall tell listeners of us no more. */
  leave(): void {
    if (this.#feed !== null) send(this.#feed, { type: 'leaving' });
  }

  close(): void {
    clearInterval(this.#watch);
    clearInterval(this.#figuresTimer);
    for (const socket of this.#strangers) socket.terminate();
    this.#feed?.terminate();
    this.#webSockets.close();
  }

  #opened(socket: WebSocket): void {
    if (this.#strangers.size >= STRANGERS_MAX) {
      socket.close(1013);
      return;
    }
    this.#strangers.add(socket);
    const nonce = randomBytes(24).toString('base64url');
    const timeout = setTimeout(() => socket.terminate(), PROOF_TIMEOUT_MS);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(timeout);
      this.#strangers.delete(socket);
      if (this.#feed === socket) this.#ended();
    });
    socket.on('message', (data: RawData, isBinary: boolean) => {
      const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0);
      if (this.#feed === socket) this.#fed(socket, bytes, isBinary);
      else if (this.#strangers.has(socket)) {
        clearTimeout(timeout);
        this.#proved(socket, nonce, isBinary ? null : parse(bytes));
      }
    });
    send(socket, { type: 'challenge', nonce, relayKey: this.#options.identity.publicKeyText });
  }

  #proved(socket: WebSocket, nonce: string, message: FromStation | null): void {
    const { stationKey, identity, nickname, isTracking, log } = this.#options;
    const refuse = (reason: string): void => {
      this.#refused += 1;
      send(socket, { type: 'refused', reason });
      socket.close(1008);
      log.warn({ reason }, 'a feed was refused');
    };
    if (message?.type !== 'feed') {
      refuse('What was sent is no feed');
      return;
    }
    if (message.version !== FEED_PROTOCOL_VERSION) {
      refuse(`This relay takes feeds of version ${FEED_PROTOCOL_VERSION}, not ${message.version}`);
      return;
    }
    const text = feedText(nonce, identity.publicKeyText, message.station);
    const isStation =
      message.stationKey === stationKey &&
      isSignedBy(stationKey, text, Buffer.from(message.signature, 'base64url'));
    const station = parseStation(message.station);
    if (!isStation || station === null) {
      refuse('This relay takes the feed of another station');
      return;
    }
    this.#strangers.delete(socket);
    const before = this.#feed;
    this.#feed = socket;
    this.#heardAt = performance.now();
    before?.terminate();
    this.#options.onStation(station);
    const positions = this.#options.positions();
    this.#options.onFed(true);
    send(socket, {
      type: 'ready',
      signature: Buffer.from(identity.sign(Buffer.from(relayText(message.nonce, stationKey)))).toString(
        'base64url',
      ),
      nickname,
      isTracking,
      mountIds: this.#options.mountIds(),
      positions: positions.map(([mountId, position]) => ({ mountId, ...position })),
    });
    this.#takesFigures = message.takesFigures;
    this.#guestLine?.lost();
    this.#guestLine = null;
    if (message.takesFigures) this.#openGuests(socket);
    this.#sendFigures();
    log.info('the station feeds this relay');
  }

  #fed(socket: WebSocket, bytes: Buffer, isBinary: boolean): void {
    this.#heardAt = performance.now();
    if (isBinary) {
      // A copy: the network's block that it came in would be kept with it.
      if (!this.#options.onChunk(Uint8Array.from(bytes))) socket.terminate();
      return;
    }
    const message = parse(bytes);
    if (message === null || message.type === 'feed') socket.terminate();
    else if (message.type === 'logo') this.#options.onLogo(Buffer.from(message.data, 'base64'));
    else if (message.type === 'station') this.#takeStation(message);
    else {
      // The first feed may come before there is anything to feed seeds with.
      this.#openGuests(socket);
      this.#guestLine?.heard(message);
    }
  }

  #takeStation(message: Extract<FromStation, { type: 'station' }>): void {
    const station = shownStationSchema.safeParse(message.station);
    if (station.success) this.#options.onStation(station.data);
    this.#options.onAddresses({ edges: message.edges, trackers: message.trackers });
    if (message.relays !== undefined) this.#options.onThanks(message.relays);
  }

  #openGuests(socket: WebSocket): void {
    this.#guestLine ??= this.#options.openGuests((answer) => {
      if (this.#feed === socket) send(socket, answer);
    });
  }

  #sendFigures(): void {
    if (this.#feed !== null && this.#takesFigures)
      send(this.#feed, { type: 'figures', figures: this.#options.figures() });
  }

  #ended(): void {
    this.#feed = null;
    this.#guestLine?.lost();
    this.#guestLine = null;
    this.#options.log.info('the feed has ended');
    this.#options.onFed(false);
  }

  #look(): void {
    if (this.#feed === null) return;
    if (performance.now() - this.#heardAt > SILENCE_MAX_MS) this.#feed.terminate();
    else this.#feed.ping();
  }
}

const send = (socket: WebSocket, message: FromFedRelay): void => {
  socket.send(JSON.stringify(message), () => undefined);
};

function parse(data: Buffer): FromStation | null {
  try {
    const parsed = fromStationSchema.safeParse(JSON.parse(data.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function parseStation(text: string): ShownStation | null {
  try {
    const parsed = shownStationSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

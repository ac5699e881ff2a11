import { randomBytes } from 'node:crypto';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { ShownStation } from '../../shared/station/page.ts';
import { epoch, sequence } from '../../shared/units.ts';
import type { Addresses } from '../edge/edge-network.ts';
import type { EgressCounter } from '../edge/egress.ts';
import { isSignedBy } from '../follow/chunk-check.ts';
import { LastingSocket } from '../lasting-socket.ts';
import type { Log } from '../log.ts';
import type { FromSeeder, ToSeeder } from '../relays/seeding-messages.ts';
import type { ToldThanks } from '../relays/thanks.ts';
import type { LiveMount } from '../station/live-mount.ts';
import {
  FEED_PATH,
  FEED_PROTOCOL_VERSION,
  FEED_TEXT_LENGTH_MAX,
  feedText,
  fromFedRelaySchema,
  relayText,
} from './feed-messages.ts';
import type { FromFedRelay, FromStation } from './feed-messages.ts';

export interface FeedClientOptions {
  /** Base address of the public relay. */
  readonly relayUrl: string;
  readonly stationKey: string;
  readonly sign: (data: Uint8Array) => Uint8Array;
  readonly mounts: readonly LiveMount[];
  readonly describe: () => ShownStation;
  readonly logo: Uint8Array | null;
  readonly addresses: () => Addresses;
  readonly egress: EgressCounter;
  /** Whom the station thanks. */
  readonly thanks: () => readonly ToldThanks[];
  /** The relay has proved its key and takes the sound. */
  readonly onReady: (relay: FedRelay, send: (message: ToSeeder) => void) => void;
  /** It says what it gives, or answers for seeds. */
  readonly onSaid: (message: Extract<FromFedRelay, { type: 'figures' }> | FromSeeder) => void;
  /** It is about to stop. */
  readonly onLeaving: (relayKey: string) => void;
  readonly onLost: () => void;
  readonly log: Log;
}

export interface FedRelay {
  readonly relayKey: string;
  readonly nickname: string | null;
  readonly isTracking: boolean;
  /** Of the mounts that it has; null: all. */
  readonly mountIds: readonly string[] | null;
}

/** A relay that takes so little that this much waits is left, and found again with what it lacks then. */
export const UNSENT_BYTES_MAX = 2_097_152;
const DESCRIPTION_INTERVAL_MS = 10_000;
/** Whom the station thanks is long, and not urgent: it goes with every sixth description. */
const THANKS_EVERY = 6;

type Phase =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'proving'; readonly relayKey: string; readonly nonce: string }
  | { readonly phase: 'feeding'; readonly relayKey: string; readonly stop: () => void };

/** Sends one station's sound out to one public relay, for as long as both live. */
export class FeedClient {
  readonly #options: FeedClientOptions;
  readonly #socket: LastingSocket;
  #state: Phase = { phase: 'waiting' };

  constructor(options: FeedClientOptions) {
    this.#options = options;
    const { relayUrl, log } = options;
    this.#socket = new LastingSocket({
      address: `${relayUrl.replace(/^http/, 'ws')}${FEED_PATH}`,
      random: Math.random,
      messageLengthMax: FEED_TEXT_LENGTH_MAX,
      onOpen: () => undefined,
      onText: (text) => this.#received(parse(text)),
      onLost: (reason) => {
        const wasFeeding = this.#state.phase === 'feeding';
        this.#rest();
        log[wasFeeding ? 'warn' : 'debug'](
          { relay: relayUrl, reason },
          'no connection to a relay that we feed',
        );
        if (wasFeeding) options.onLost();
      },
    });
  }

  /** Edges or trackers have changed. */
  tell(): void {
    if (this.#state.phase === 'feeding') this.#sendStation();
  }

  close(): void {
    this.#rest();
    this.#socket.close();
  }

  #received(message: FromFedRelay | null): void {
    const { stationKey, relayUrl, log } = this.#options;
    if (message === null) {
      log.warn({ relay: relayUrl }, 'what answers there is no relay that we can feed');
      this.#socket.reopen();
      return;
    }
    switch (message.type) {
      case 'challenge':
        this.#prove(message.nonce, message.relayKey);
        break;
      case 'ready': {
        const state = this.#state;
        if (state.phase !== 'proving') break;
        const signature = Buffer.from(message.signature, 'base64url');
        if (!isSignedBy(state.relayKey, relayText(state.nonce, stationKey), signature)) {
          log.warn({ relay: relayUrl }, 'the relay cannot prove the key that it says it has');
          this.#socket.reopen();
          break;
        }
        this.#feed(message, state.relayKey);
        log.info({ relay: relayUrl }, 'feeding a relay');
        const { nickname, isTracking, mountIds } = message;
        const relay = { relayKey: state.relayKey, nickname, isTracking, mountIds };
        this.#options.onReady(relay, (order) => this.#send(order));
        break;
      }
      case 'refused':
        log.warn({ relay: relayUrl, reason: message.reason }, 'the relay does not take our feed');
        break;
      case 'leaving':
        if (this.#state.phase !== 'feeding') break;
        log.info({ relay: relayUrl }, 'a relay that we feed leaves');
        this.#options.onLeaving(this.#state.relayKey);
        break;
      case 'figures':
      case 'seedOffer':
      case 'seedRefused':
      case 'seedEnded':
        if (this.#state.phase === 'feeding') this.#options.onSaid(message);
    }
  }

  #prove(nonce: string, relayKey: string): void {
    const { stationKey, sign, describe } = this.#options;
    const station = JSON.stringify(describe());
    const own = randomBytes(24).toString('base64url');
    this.#state = { phase: 'proving', relayKey, nonce: own };
    this.#send({
      type: 'feed',
      version: FEED_PROTOCOL_VERSION,
      stationKey,
      nonce: own,
      station,
      signature: Buffer.from(sign(Buffer.from(feedText(nonce, relayKey, station)))).toString('base64url'),
      takesFigures: true,
    });
  }

  /** First what the relay lacks of the window, then every chunk as it is made. */
  #feed(ready: Extract<FromFedRelay, { type: 'ready' }>, relayKey: string): void {
    this.#rest();
    const { logo } = this.#options;
    if (logo !== null) this.#send({ type: 'logo', data: Buffer.from(logo).toString('base64') });
    this.#sendStation();
    const wanted = this.#options.mounts.filter(({ id }) => ready.mountIds?.includes(id) ?? true);
    const stops = wanted.map((mount) => {
      const position = ready.positions.find(({ mountId }) => mountId === mount.id);
      const missed =
        position === undefined
          ? mount.window.burst(Infinity)
          : mount.window.from(epoch(position.epoch), sequence(position.sequence + 1));
      for (const chunk of missed) this.#sendChunk(mount, chunk);
      return mount.onChunk((chunk) => this.#sendChunk(mount, chunk));
    });
    let described = 0;
    const timer = setInterval(() => {
      this.#sendStation(described % THANKS_EVERY === 0 ? this.#options.thanks() : undefined);
      described += 1;
    }, DESCRIPTION_INTERVAL_MS);
    timer.unref();
    this.#state = {
      phase: 'feeding',
      relayKey,
      stop: () => {
        clearInterval(timer);
        for (const stop of stops) stop();
      },
    };
  }

  #sendChunk(mount: LiveMount, chunk: Chunk): void {
    if (this.#socket.unsentBytes > UNSENT_BYTES_MAX) {
      this.#socket.reopen();
      return;
    }
    this.#socket.send(chunk.wire);
    this.#options.egress.add(mount.id, 'relay', chunk.wire.length);
  }

  #sendStation(relays?: readonly ToldThanks[]): void {
    const { describe, addresses } = this.#options;
    this.#send({ type: 'station', station: describe(), ...addresses(), relays });
  }

  #send(message: FromStation | ToSeeder): void {
    this.#socket.send(JSON.stringify(message));
  }

  #rest(): void {
    if (this.#state.phase === 'feeding') this.#state.stop();
    this.#state = { phase: 'waiting' };
  }
}

function parse(text: string): FromFedRelay | null {
  try {
    const parsed = fromFedRelaySchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

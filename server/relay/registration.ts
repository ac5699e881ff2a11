import { LastingSocket } from '../lasting-socket.ts';
import type { Log } from '../log.ts';
import {
  FIGURES_INTERVAL_MS,
  helloText,
  RELAY_PATH,
  RELAY_PROTOCOL_VERSION,
  toRelaySchema,
} from '../relays/relay-messages.ts';
import type { FromRelay, RelayState } from '../relays/relay-messages.ts';
import { signedFigures } from './relay-gift.ts';
import type { RelayGift } from './relay-gift.ts';
import type { GuestLine, GuestSeeds } from './public/guest-seeds.ts';
import { sleep } from './find-station.ts';
import type { RelayIdentity } from './relay-identity.ts';

export interface RegistrationOptions {
  /** Base address of the station's own server. */
  readonly origin: string;
  /** The station's public key, base64url. */
  readonly stationKey: string;
  readonly identity: RelayIdentity;
  readonly nickname: string | null;
  /** Null: a relay at home, which nobody can reach by an address. */
  readonly publicUrl: string | null;
  readonly isTracking: boolean;
  /** Of the mounts that we relay; null: all. */
  readonly mountIds: readonly string[] | null;
  /** What we give, asked for every few seconds. */
  readonly figures: () => RelayGift;
  /** Feeds seeds that the station names; null: does not. */
  readonly guests: Pick<GuestSeeds, 'open'> | null;
  /** The station's answer, at first and whenever it changes. */
  readonly onState: (state: RelayState) => void;
  readonly log: Log;
}

export interface Registration {
  /** Says that we stop soon. Resolves when the station has heard it, or does not answer. */
  leave(): Promise<void>;
  stop(): void;
}

/** A station that has not answered our goodbye by then does not hear it. */
const GOODBYE_MS = 1_000;
/** The longest list of edges and trackers. */
const MESSAGE_LENGTH_MAX = 32_768;

/** Shows the relay to the station's server, proves its key, and stays in touch. Sound does not depend on it. */
export function startRegistration(options: RegistrationOptions): Registration {
  const { origin, stationKey, identity, nickname, publicUrl, isTracking, mountIds, log } = options;
  const send = (message: FromRelay): void => {
    socket.send(JSON.stringify(message));
  };
  const sendFigures = (): void =>
    send({ type: 'figures', figures: signedFigures(options.figures(), options, Date.now()) });
  let isUp = false;
  let guestLine: GuestLine | null = null;
  let onAnswer: (() => void) | null = null;
  const socket = new LastingSocket({
    address: `${origin.replace(/^http/, 'ws')}${RELAY_PATH}`,
    random: Math.random,
    messageLengthMax: MESSAGE_LENGTH_MAX,
    onOpen: () => {
      isUp = true;
    },
    onText: (text) => {
      const message = toRelaySchema.safeParse(parseJson(text));
      if (!message.success) {
        log.debug('the station said what this relay does not understand');
      } else if (message.data.type === 'challenge') {
        guestLine = options.guests?.open(send) ?? null;
        const signature = identity.sign(Buffer.from(helloText(message.data.nonce, stationKey, publicUrl)));
        send({
          type: 'hello',
          version: RELAY_PROTOCOL_VERSION,
          stationKey,
          relayKey: identity.publicKeyText,
          signature: Buffer.from(signature).toString('base64url'),
          nickname,
          publicUrl,
          isTracking,
          mountIds,
        });
        sendFigures();
      } else if (message.data.type === 'state') {
        options.onState(message.data);
        onAnswer?.();
      } else guestLine?.heard(message.data);
    },
    onLost: (reason) => {
      if (isUp) log.info({ origin, reason }, 'the connection to the station is lost; trying again');
      isUp = false;
      guestLine?.lost();
      onAnswer?.();
    },
  });
  const timer = setInterval(sendFigures, FIGURES_INTERVAL_MS);
  timer.unref();
  return {
    leave: async () => {
      if (!isUp) return;
      const answered = new Promise<void>((resolve) => {
        onAnswer = resolve;
      });
      send({ type: 'leaving' });
      await Promise.race([answered, sleep(GOODBYE_MS)]);
    },
    stop: () => {
      clearInterval(timer);
      socket.close();
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

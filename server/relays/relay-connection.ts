import type { RawData, WebSocket } from 'ws';
import { fromRelaySchema } from './relay-messages.ts';
import type { FromRelay, RelayHello, ToRelay } from './relay-messages.ts';

/** A relay's connection to the origin's desk. `hello` is null until it has proved its key. */
export interface RelayConnection {
  readonly socket: WebSocket;
  readonly address: string;
  readonly nonce: string;
  readonly timeout: NodeJS.Timeout;
  hello: RelayHello | null;
  stationId: string;
  /** Of the pass that it was last given. */
  passUntilMs: number;
  isAlive: boolean;
  /** Since the last housekeeping. */
  messages: number;
}

/** What a closing socket does not take is not worth keeping: its `close` tells. */
export const sendToRelay = (socket: WebSocket, message: ToRelay): void => {
  socket.send(JSON.stringify(message), () => undefined);
};

type OfSeeder = Extract<FromRelay, { type: 'seedOffer' | 'seedRefused' | 'seedEnded' }>;

export const isOfSeeder = (message: FromRelay): message is OfSeeder =>
  message.type === 'seedOffer' || message.type === 'seedRefused' || message.type === 'seedEnded';

export function parseFromRelay(data: RawData): FromRelay | null {
  try {
    const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
    const parsed = fromRelaySchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

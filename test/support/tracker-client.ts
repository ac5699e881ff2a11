import { WebSocket } from 'ws';
import { TRACKER_ALIVE, trackerMessageSchema } from '../../shared/tracker/messages.ts';
import type { ListenerMessage, TrackerMessage } from '../../shared/tracker/messages.ts';
import { waitFor } from './wait-for.ts';

type Of<Type extends TrackerMessage['type']> = Extract<TrackerMessage, { type: Type }>;

export interface ClientOptions {
  /** The loopback address to come from. */
  readonly localAddress?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A bare connection to a tracker: says what the test says and keeps what it hears. */
export class TrackerClient {
  readonly messages: TrackerMessage[] = [];
  readonly socket: WebSocket;
  aliveCount = 0;
  /** The code with which it was closed; null while it is not. 1006 stands for an end without a word. */
  closeCode: number | null = null;

  static async open(serverUrl: string): Promise<TrackerClient> {
    const client = new TrackerClient(serverUrl);
    await waitFor('the tracker accepts the connection', () => client.socket.readyState === WebSocket.OPEN);
    return client;
  }

  constructor(serverUrl: string, options: ClientOptions = {}, path = '/tracker') {
    this.socket = new WebSocket(serverUrl.replace(/^http/, 'ws') + path, options);
    this.socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      if (text === TRACKER_ALIVE) this.aliveCount += 1;
      else this.messages.push(trackerMessageSchema.parse(JSON.parse(text)));
    });
    this.socket.on('close', (code) => {
      this.closeCode = code;
    });
    this.socket.on('error', () => undefined);
  }

  get peerId(): string {
    return this.last('welcome')?.peerId ?? '';
  }

  say(message: ListenerMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  async join(mountId: string, changes: Partial<Said<'join'>> = {}): Promise<Of<'welcome'>> {
    this.say({
      type: 'join',
      version: 1,
      mountId,
      participation: 'relay',
      uploadCapKbps: 1_000,
      neighbours: [],
      ...changes,
    });
    return await this.heard('welcome');
  }

  /** The newest message of a kind that satisfies `accept`, now or as soon as it comes. */
  async heard<Type extends TrackerMessage['type']>(
    type: Type,
    accept: (message: Of<Type>) => boolean = () => true,
  ): Promise<Of<Type>> {
    let found: Of<Type> | undefined;
    await waitFor(`a ${type} message comes`, () => {
      found = this.last(type);
      return found !== undefined && accept(found);
    });
    if (found === undefined) throw new Error(`Cannot give a message as it came: current value is ${type}`);
    return found;
  }

  all<Type extends TrackerMessage['type']>(type: Type): readonly Of<Type>[] {
    return this.messages.filter((message): message is Of<Type> => message.type === type);
  }

  last<Type extends TrackerMessage['type']>(type: Type): Of<Type> | undefined {
    return this.messages.findLast((message): message is Of<Type> => message.type === type);
  }

  close(): void {
    this.socket.terminate();
  }
}

type Said<Type extends ListenerMessage['type']> = Extract<ListenerMessage, { type: Type }>;

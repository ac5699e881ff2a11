import type { Socket } from 'node:net';
import type { UnixMillis } from '../../shared/units.ts';
import type { Clock } from '../ingest/clock.ts';
import type { TitleEvent } from '../ingest/events.ts';
import { ICY_INTERVAL_BYTES_MAX } from '../ingest/icy.ts';
import type { LiveInput } from '../ingest/takeover.ts';
import type { Log } from '../log.ts';
import { BODY_END } from './body-reader.ts';
import type { BodyReader } from './body-reader.ts';
import { LiveFeed } from './live-feed.ts';
import type { LiveSource, SourceProtocol } from './live-sources.ts';
import type { SocketReader } from './socket-reader.ts';
import { readStreamInfo } from './stream-info.ts';
import type { StreamInfo } from './stream-info.ts';

export interface LiveClientOptions {
  readonly socket: Socket;
  readonly mountPath: string;
  readonly protocol: SourceProtocol;
  readonly user: string;
  readonly address: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly input: LiveInput;
  readonly clock: Clock;
  readonly now: UnixMillis;
  readonly stallMs: number;
  readonly log: Log;
}

/** A source client that was let in, from its first byte of sound to its end. */
export class LiveClient implements LiveSource {
  readonly mountPath: string;
  readonly connectedAt: UnixMillis;
  readonly protocol: SourceProtocol;
  readonly user: string;
  readonly address: string;
  readonly userAgent: string;
  readonly contentType: string;
  readonly info: StreamInfo;
  readonly #options: LiveClientOptions;
  readonly #feed: LiveFeed;
  #receivedBytes = 0;
  #endReason: string | null = null;

  constructor(options: LiveClientOptions) {
    const { headers, input, clock, stallMs } = options;
    this.#options = options;
    this.mountPath = options.mountPath;
    this.connectedAt = options.now;
    this.protocol = options.protocol;
    this.user = options.user;
    this.address = options.address;
    this.userAgent = (headers.get('user-agent') ?? '').slice(0, 200);
    this.contentType = mediaType(headers);
    this.info = readStreamInfo(headers);
    const interval = Number(headers.get('icy-metaint') ?? 0);
    const hasTitles = Number.isInteger(interval) && interval > 0 && interval <= ICY_INTERVAL_BYTES_MAX;
    this.#feed = new LiveFeed({
      input,
      clock,
      stallMs,
      icyIntervalBytes: hasTitles ? interval : null,
      onFault: (reason) => this.kick(reason),
    });
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get isOnAir(): boolean {
    return this.#options.input.isOnAir;
  }

  get isStalled(): boolean {
    return this.#feed.isStalled;
  }

  setTitle(title: TitleEvent): void {
    this.#feed.setTitle(title);
  }

  kick(reason: string): void {
    if (this.#endReason !== null) return;
    this.#finish(reason);
    this.#options.socket.destroy();
  }

  /** Reads until the client leaves, its body ends, or it is kicked. */
  async run(reader: SocketReader, body: BodyReader): Promise<void> {
    while (this.#endReason === null) {
      const bytes = body.over === null ? await reader.read() : null;
      if (bytes === null) break;
      this.#receivedBytes += bytes.length;
      for (const sound of body.push(bytes)) await this.#feed.push(sound);
    }
    this.#finish(body.over ?? BODY_END);
  }

  #finish(reason: string): void {
    if (this.#endReason !== null) return;
    this.#endReason = reason;
    this.#feed.end(reason);
    const { log, mountPath, user, address } = this.#options;
    log.info(
      { mount: mountPath, user, address, reason, receivedBytes: this.#receivedBytes },
      'source client has left',
    );
  }
}

/** `audio/mpeg`, which it also is where nothing is said. */
export const mediaType = (headers: ReadonlyMap<string, string>): string =>
  headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() || 'audio/mpeg';

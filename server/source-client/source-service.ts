import type { Socket } from 'node:net';
import { unixMillis } from '../../shared/units.ts';
import { systemClock } from '../ingest/clock.ts';
import type { LiveInput } from '../ingest/takeover.ts';
import type { Log } from '../log.ts';
import type { AccessDesk, Verdict } from './access-desk.ts';
import { UNAUTHORISED } from './answers.ts';
import type { BodyReader } from './body-reader.ts';
import { LiveClient, mediaType } from './live-client.ts';
import type { LiveSources, SourceProtocol } from './live-sources.ts';
import type { SocketReader } from './socket-reader.ts';

/** Where sound of source clients goes. */
export interface LiveMountInput {
  readonly path: string;
  /** @param name for the log and the status, without secrets. */
  beginLive(name: string): LiveInput;
}

export interface SourceServiceOptions {
  readonly mounts: readonly LiveMountInput[];
  readonly access: AccessDesk;
  readonly liveSources: LiveSources;
  readonly stallMs: number;
  readonly log: Log;
}

/** Someone who wants to send sound to a mount, in whatever protocol. */
export interface SourceRequest {
  readonly socket: Socket;
  readonly protocol: SourceProtocol;
  readonly path: string;
  readonly address: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Why someone is not let in, in words for the client. */
export interface Refusal {
  readonly status: 401 | 403 | 429;
  readonly text: string;
}

/** What all protocols of source clients have in common: who is let in, and the registry. */
export class SourceService {
  readonly access: AccessDesk;
  readonly #options: SourceServiceOptions;

  constructor(options: SourceServiceOptions) {
    this.access = options.access;
    this.#options = options;
  }

  /** Null: the verdict is good. Every attempt with a password is one line of the log. */
  refuse(request: SourceRequest, verdict: Verdict): Refusal | null {
    if (verdict.type === 'granted') return null;
    if (verdict.type === 'throttled') {
      this.#logRefusal(request, 'too many wrong passwords');
      return { status: 429, text: 'Too many wrong passwords\r\n' };
    }
    if (verdict.type === 'wrong')
      this.#logRefusal(
        request,
        this.#input(request.path) === null ? 'there is no such mount' : 'wrong password',
      );
    // libshout asks so first, to find out what the server can do.
    else this.#options.log.debug(this.#shown(request), 'source client asked without a password');
    return { status: 401, text: UNAUTHORISED };
  }

  /** Lets the client in: it holds the mount from now on. What is returned must be run, or kicked. */
  admit(request: SourceRequest, user: string): LiveClient | Refusal {
    const input = this.#input(request.path);
    const { liveSources, log, stallMs } = this.#options;
    const before = liveSources.get(request.path);
    if (input === null || (before !== null && !before.isStalled)) {
      this.#logRefusal(request, 'the mount is in use');
      return { status: 403, text: 'Mountpoint in use' };
    }
    const isTyped = request.headers.has('content-type');
    if (request.protocol === 'PUT' && !isTyped) return this.#refuseType(request, 'No Content-type given');
    if (!isSound(mediaType(request.headers))) return this.#refuseType(request, 'Content-type not supported');
    if (before !== null) {
      before.kick('another source client came while this one sent nothing');
      liveSources.remove(before);
    }
    const client = new LiveClient({
      ...request,
      mountPath: request.path,
      user,
      input: input.beginLive(`source client "${user}" from ${request.address}`),
      clock: systemClock,
      now: unixMillis(Date.now()),
      stallMs,
      log,
    });
    liveSources.add(client);
    log.info(
      { ...this.#shown(request), user, contentType: client.contentType },
      'source client is connected',
    );
    return client;
  }

  /** To the end of its sound. */
  async run(client: LiveClient, reader: SocketReader, body: BodyReader): Promise<void> {
    try {
      await client.run(reader, body);
    } finally {
      client.kick('its sound could not be read');
      this.#options.liveSources.remove(client);
    }
  }

  #refuseType(request: SourceRequest, text: string): Refusal {
    this.#logRefusal(request, text);
    return { status: 403, text };
  }

  #input(path: string): LiveMountInput | null {
    return this.#options.mounts.find((mount) => mount.path === path) ?? null;
  }

  #logRefusal(request: SourceRequest, reason: string): void {
    this.#options.log.warn({ ...this.#shown(request), reason }, 'source client refused');
  }

  #shown({ path, address, protocol, headers }: SourceRequest): Readonly<Record<string, string>> {
    return {
      mount: path.slice(0, 100),
      address,
      protocol,
      agent: (headers.get('user-agent') ?? '').slice(0, 100),
    };
  }
}

/**
 * What may be sound. Old clients write all sorts of things, and what it really is shows in the bytes; so only what we
 * surely cannot read is refused.
 */
const isSound = (type: string): boolean =>
  type === 'application/octet-stream' ||
  /^(?:audio\/(?!webm|x-matroska|wav|x-wav|mp4)|application\/(?:x-)?ogg$|video\/ogg$)/.test(type);

import http from 'node:http';
import type { IncomingMessage } from 'node:http';
import { ICY_INTERVAL_BYTES_MAX } from '../icy.ts';
import { redactUrl, SourceError } from '../source-error.ts';
import { decodeText, quoteBeginning } from '../text.ts';
import { connect } from './connection.ts';
import { isHls, isPlaylist, PLAYLIST_BYTES_MAX, readPlaylist } from './playlist.ts';

/** Redirects and playlists together, per attempt. */
export const HOPS_MAX = 8;
/** A playlist may name playlists, but not for ever. */
export const PLAYLIST_DEPTH_MAX = 3;
/** From asking to the end of the answer's headers, each hop. */
export const CONNECT_MS_MAX = 10_000;
export const HEADER_BYTES_MAX = 16_384;
const USER_AGENT = 'Essaim/0.1';

/** A source's answer, from which sound is now to be read. */
export interface OpenSource {
  readonly body: IncomingMessage;
  readonly contentType: string;
  /** Bytes between ICY metadata; null: there is none. */
  readonly icyIntervalBytes: number | null;
}

/**
 * Asks for a stream and follows redirects and playlists until an answer may be sound; of a playlist's entries, the
 * first that works.
 * @throws SourceError in words for the station's keeper, without secrets.
 */
export async function openSource(address: string, signal: AbortSignal): Promise<OpenSource> {
  return await open({ address, hopsLeft: HOPS_MAX, depth: 0 }, signal);
}

interface Step {
  readonly address: string;
  readonly hopsLeft: number;
  readonly depth: number;
}

async function open(step: Step, signal: AbortSignal): Promise<OpenSource> {
  const { address } = step;
  const url = parse(address);
  const response = await request(url, signal);
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  if (status >= 300 && status < 400 && location !== undefined) {
    response.destroy();
    return await follow(step, resolve(location, url), step.depth, signal);
  }
  if (status < 200 || status > 299) {
    response.destroy();
    throw refusal(address, `the server answered ${status} ${response.statusMessage ?? ''}`.trim());
  }
  const contentType = (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (isPlaylist(contentType, url.pathname))
    return await openPlaylist(step, await readBody(response, PLAYLIST_BYTES_MAX), signal);
  if (NOT_AUDIO_TYPES.test(contentType)) {
    const beginning = await readBody(response, QUOTE_BYTES);
    throw refusal(address, `the source sent ${contentType}, beginning ${quoteBeginning(beginning)}`);
  }
  return { body: response, contentType, icyIntervalBytes: icyInterval(response, address) };
}

const NOT_AUDIO_TYPES =
  /^(?:text\/|image\/|video\/(?!ogg)|font\/|application\/(?:json|xml|xhtml|pdf|zip|dash))/u;
const QUOTE_BYTES = 256;

async function follow(step: Step, address: string, depth: number, signal: AbortSignal): Promise<OpenSource> {
  if (step.hopsLeft === 0)
    throw refusal(step.address, `there are more than ${HOPS_MAX} redirects and playlists in a row`);
  return await open({ address, hopsLeft: step.hopsLeft - 1, depth }, signal);
}

async function openPlaylist(step: Step, body: Uint8Array, signal: AbortSignal): Promise<OpenSource> {
  const text = decodeText(body);
  if (isHls(text)) throw refusal(step.address, 'it is an HLS playlist, and only continuous streams are read');
  if (step.depth === PLAYLIST_DEPTH_MAX)
    throw refusal(step.address, `playlists name playlists more than ${PLAYLIST_DEPTH_MAX} deep`);
  const entries = readPlaylist(text, step.address);
  let fault: unknown = refusal(
    step.address,
    `the playlist names no http or https address and begins ${quoteBeginning(body)}`,
  );
  for (const entry of entries) {
    try {
      return await follow(step, entry, step.depth + 1, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      fault = error;
    }
  }
  throw fault;
}

function request(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve: answer, reject } = Promise.withResolvers<IncomingMessage>();
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const timeout = AbortSignal.timeout(CONNECT_MS_MAX);
  const outgoing = http.request({
    host: url.hostname,
    port: url.port === '' ? undefined : url.port,
    defaultPort: url.protocol === 'https:' ? 443 : 80,
    path: `${url.pathname}${url.search}`,
    headers: {
      'user-agent': USER_AGENT,
      accept: 'audio/*, application/ogg, */*;q=0.5',
      'icy-metadata': '1',
      connection: 'close',
      ...(credentials !== ':' && { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
    maxHeaderSize: HEADER_BYTES_MAX,
    signal,
    createConnection: () => connect(url),
  });
  const giveUp = (): void => {
    outgoing.destroy(new Error(`no answer within ${CONNECT_MS_MAX / 1000} s`));
  };
  timeout.addEventListener('abort', giveUp, { once: true });
  outgoing.once('response', (response) => {
    timeout.removeEventListener('abort', giveUp);
    answer(response);
  });
  outgoing.on('error', (error) => {
    timeout.removeEventListener('abort', giveUp);
    reject(refusal(url.href, error.message));
  });
  outgoing.end();
  return promise;
}

async function readBody(response: IncomingMessage, byteCountMax: number): Promise<Uint8Array> {
  const giveUp = setTimeout(
    () => response.destroy(new Error('the answer stopped in the middle')),
    CONNECT_MS_MAX,
  );
  const parts: Buffer[] = [];
  let byteCount = 0;
  try {
    for await (const part of response) {
      if (!(part instanceof Buffer)) continue;
      parts.push(part);
      byteCount += part.length;
      if (byteCount >= byteCountMax) break;
    }
  } catch {
    // What came until then is all there is to judge by.
  } finally {
    clearTimeout(giveUp);
    response.destroy();
  }
  return Buffer.concat(parts).subarray(0, byteCountMax);
}

function icyInterval(response: IncomingMessage, address: string): number | null {
  const value = response.headers['icy-metaint'];
  if (value === undefined) return null;
  const interval = Number(value);
  if (interval === 0) return null;
  if (!Number.isInteger(interval) || interval < 0 || interval > ICY_INTERVAL_BYTES_MAX) {
    response.destroy();
    throw refusal(address, `its icy-metaint is ${quoteBeginning(Buffer.from(String(value)))}`);
  }
  return interval;
}

function parse(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw refusal(address, 'only http and https addresses are read');
  return url;
}

function resolve(location: string, base: URL): string {
  if (!URL.canParse(location, base.href))
    throw refusal(base.href, 'it redirects to something that is no address');
  return new URL(location, base.href).href;
}

export const refusal = (address: string, reason: string): SourceError =>
  new SourceError(`Cannot read ${redactUrl(address)} as audio: ${reason}`);

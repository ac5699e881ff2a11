import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ForwardedBy, HttpConfig } from '../config/config.ts';
import { plainAddress, trustedProxies } from './trusted-proxies.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** Who asks, and by which address: through reverse proxies that are declared, and only through those. */
export interface Forwarding {
  /** The client's IP address: the socket's own, unless a declared proxy says whose request it brings. */
  clientAddress(request: ForwardedRequest): string;
  /** E.g. `https://radio.example`, without a slash at the end: how the client reaches us. */
  publicUrl(request: IncomingMessage): string;
  /** As it asked, whatever the configuration says: `http` where a radio that knows no TLS came that way. */
  requestedUrl(request: IncomingMessage): string;
}

/** What of a request tells where it comes from. */
export type ForwardedRequest = Pick<IncomingMessage, 'headers' | 'socket'>;

export function createForwarding(config: HttpConfig): Forwarding {
  const proxies = trustedProxies(config.trustedProxies);
  return {
    clientAddress: (request) => clientAddress(request, proxies, config.forwardedBy),
    publicUrl: (request) => config.publicUrl ?? requestedUrl(request, proxies, config.forwardedBy),
    requestedUrl: (request) => requestedUrl(request, proxies, config.forwardedBy),
  };
}

/**
 * Walks back from the socket: as long as the address is a declared proxy's, the one before it is believed. So what a
 * client itself writes into the header is never reached.
 */
export function clientAddress(
  request: ForwardedRequest,
  proxies: TrustedProxies,
  forwardedBy: ForwardedBy,
): string {
  let address = plainAddress(request.socket.remoteAddress ?? '');
  if (!proxies.includes(address)) return address;
  const hops = forwardedBy === 'forwarded' ? forwardedFor(request) : xForwardedFor(request);
  for (const hop of hops.toReversed()) {
    const next = plainAddress(hop);
    if (isIP(next) === 0) return address;
    address = next;
    if (!proxies.includes(address)) return address;
  }
  return address;
}

function requestedUrl(request: IncomingMessage, proxies: TrustedProxies, forwardedBy: ForwardedBy): string {
  const asked = {
    proto: request.socket instanceof TLSSocket ? 'https' : 'http',
    host: request.headers.host ?? '',
  };
  const peer = request.socket.remoteAddress ?? '';
  const { proto, host } = proxies.includes(peer)
    ? { ...asked, ...forwardedUrl(request, forwardedBy) }
    : asked;
  const scheme = /^https?$/i.test(proto) ? proto.toLowerCase() : 'http';
  return `${scheme}://${HOST_PATTERN.test(host) ? host.toLowerCase() : localHost(request)}`;
}

/** Goes into pages and headers, so nothing but a name or address and a port may pass. */
const HOST_PATTERN = /^(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

function localHost(request: IncomingMessage): string {
  const { localAddress = '127.0.0.1', localPort = 80 } = request.socket;
  const address = plainAddress(localAddress);
  return `${isIP(address) === 6 ? `[${address}]` : address}:${localPort}`;
}

function forwardedUrl(
  request: IncomingMessage,
  forwardedBy: ForwardedBy,
): { readonly proto?: string; readonly host?: string } {
  if (forwardedBy === 'forwarded') {
    const [first] = forwardedElements(request);
    const proto = first?.get('proto');
    const host = first?.get('host');
    return { ...(proto === undefined ? {} : { proto }), ...(host === undefined ? {} : { host }) };
  }
  const [proto] = listHeader(request, 'x-forwarded-proto');
  const [host] = listHeader(request, 'x-forwarded-host');
  return { ...(proto === undefined ? {} : { proto }), ...(host === undefined ? {} : { host }) };
}

/** A port may be written behind the address (RFC 7239, and some proxies in X-Forwarded-For). */
const withoutPort = (text: string): string =>
  /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;

const xForwardedFor = (request: ForwardedRequest): readonly string[] =>
  listHeader(request, 'x-forwarded-for').map(withoutPort);

const forwardedFor = (request: ForwardedRequest): readonly string[] =>
  forwardedElements(request).map((element) => withoutPort(element.get('for') ?? ''));

/** RFC 7239, section 4: elements by commas, pairs by semicolons, values bare or quoted. */
function forwardedElements(request: ForwardedRequest): readonly ReadonlyMap<string, string>[] {
  return listHeader(request, 'forwarded').map((element) => {
    const pairs = element.matchAll(/([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))/g);
    return new Map(
      Array.from(pairs, ([, key = '', quoted, bare]): [string, string] => [
        key.toLowerCase(),
        quoted === undefined ? (bare ?? '') : quoted.replaceAll(/\\(.)/g, '$1'),
      ]),
    );
  });
}

/** Several headers of one name count as one list. */
function listHeader(request: ForwardedRequest, name: string): readonly string[] {
  const value = request.headers[name];
  const text = Array.isArray(value) ? value.join(',') : (value ?? '');
  return text
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .slice(-FORWARDED_HOPS_MAX);
}

/** Proxies in a row; what is before is not looked at. */
const FORWARDED_HOPS_MAX = 16;

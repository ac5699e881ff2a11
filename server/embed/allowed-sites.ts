import type { IncomingMessage } from 'node:http';
import { mountId } from '../../shared/units.ts';
import type { MountId } from '../../shared/units.ts';

/**
 * Which sites may show the player, and which site a listener comes from. Browsers say it truthfully (`Origin`,
 * `frame-ancestors`); any other program may say what it likes, so this keeps other people's pages from using the
 * station's bandwidth, and keeps no secret.
 */
export interface AllowedSites {
  /** `frame-ancestors` of the embedded player. */
  readonly frameAncestors: string;
  /** Whether a request may have sound. One without `Origin` comes from the same site or from no page: it may. */
  admits(request: IncomingMessage, publicUrl: string): boolean;
  /** Under which name its listener is counted. */
  siteOf(request: IncomingMessage, publicUrl: string): string;
}

/** Names of `siteOf` that are not a site's origin. */
export const OWN_SITE = 'own';
export const NO_SITE = 'none';

/** `https://*.example.org` or `https://blog.example:8443`, as in `frame-ancestors`. */
export const SITE_PATTERN = /^https?:\/\/(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/;

/** The parameter by which the embedded player says on whose page it stands: its own `Origin` is ours. */
export const SITE_PARAMETER = 'site';
/** By this one a listener says what it hears before it joins a swarm, if it ever does. */
export const MOUNT_PARAMETER = 'mount';

/** @param patterns as SITE_PATTERN; null: every site. */
export function allowedSites(patterns: readonly string[] | null): AllowedSites {
  const isListed = (origin: string): boolean =>
    patterns?.some((pattern) => matches(pattern, origin)) ?? false;
  return {
    frameAncestors: ["'self'", ...(patterns ?? ['*'])].join(' '),
    admits(request, publicUrl) {
      const { origin } = request.headers;
      return (
        patterns === null || origin === undefined || isOwn(origin, request, publicUrl) || isListed(origin)
      );
    },
    siteOf(request, publicUrl) {
      const { origin } = request.headers;
      const told = toldSite(request);
      if (origin === undefined) return NO_SITE;
      const isOurs = origin === 'null' || isOwn(origin, request, publicUrl);
      if (!isOurs) return shownSite(origin, isListed(origin));
      if (told !== null) return shownSite(told, isListed(told));
      return origin === 'null' ? NO_SITE : OWN_SITE;
    },
  };
}

/** The mount that a listener's connection names; null: none, or nothing that could be one. */
export function toldMount(request: IncomingMessage): MountId | null {
  const told = parameter(request, MOUNT_PARAMETER);
  return told !== null && /^[0-9a-f]{16}$/.test(told) ? mountId(told) : null;
}

/** An origin as a browser writes it; null if it is none. */
export function originOf(url: string | undefined): string | null {
  const { origin, protocol } = URL.parse(url ?? '') ?? { origin: '', protocol: '' };
  return protocol === 'https:' || protocol === 'http:' ? origin : null;
}

function toldSite(request: IncomingMessage): string | null {
  const told = parameter(request, SITE_PARAMETER);
  return told === null ? null : originOf(told);
}

function parameter(request: IncomingMessage, name: string): string | null {
  const query = request.url?.split('?', 2)[1];
  return query === undefined ? null : new URLSearchParams(query).get(name);
}

/** By the host alone: a proxy that is not declared hides from us that the listener came by https. */
function isOwn(origin: string, request: IncomingMessage, publicUrl: string): boolean {
  const host = URL.parse(origin)?.host;
  return host !== undefined && (host === URL.parse(publicUrl)?.host || host === request.headers.host);
}

function matches(pattern: string, origin: string): boolean {
  if (!pattern.includes('//*.')) return new URL(pattern).origin === origin;
  const asked = URL.parse(origin);
  const wanted = new URL(pattern.replace('//*.', '//'));
  return (
    asked?.protocol === wanted.protocol &&
    asked.port === wanted.port &&
    asked.hostname.endsWith(`.${wanted.hostname}`)
  );
}

/** Figures are public: names inside of somebody's own network stay there. */
function shownSite(origin: string, isListed: boolean): string {
  if (isListed) return origin;
  const host = URL.parse(origin)?.hostname ?? '';
  const isPublic = /^[a-z0-9.-]+\.[a-z][a-z0-9-]+$/.test(host) && !PRIVATE_NAMES.test(host);
  return isPublic && host.length <= HOST_LENGTH_MAX ? origin : NO_SITE;
}

const PRIVATE_NAMES = /\.(?:local|localhost|lan|home|internal|intranet|corp|private|home\.arpa|onion)$/;
const HOST_LENGTH_MAX = 100;

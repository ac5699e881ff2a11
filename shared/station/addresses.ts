/** Where listeners find a station's edges and trackers now; relays come and go while a page stays open. */
export interface StationAddresses {
  /** Base addresses of edges, best first for the one who asks. No slash at the end. */
  readonly edges: readonly string[];
  /** WebSocket addresses of trackers, the one to be preferred first: the same order for everyone. */
  readonly trackers: readonly string[];
}

/** Addresses that one message may name: with the longest addresses it is a 12 KB message. */
export const EDGES_TOLD_MAX = 48;
export const TRACKERS_TOLD_MAX = 12;
/** Of one address, characters. */
export const ADDRESS_LENGTH_MAX = 200;

/**
 * The edges among `addresses`, each once, in their order, without a slash at the end: `http` or `https`, no name and
 * password, no query. Anything else is left out: one bad address must not cost a listener the good ones.
 */
export const edgeAddresses = (addresses: readonly string[]): readonly string[] =>
  valid(addresses, EDGE_PATTERN, EDGES_TOLD_MAX);

/** The trackers among `addresses`: as `edgeAddresses`, with `ws` or `wss`. */
export const trackerAddresses = (addresses: readonly string[]): readonly string[] =>
  valid(addresses, TRACKER_PATTERN, TRACKERS_TOLD_MAX);

/** The edge at a tracker's address: an edge tracks below its own base address. Null if the path is another. */
export function edgeOfTracker(tracker: string): string | null {
  const base = /^ws(s?:\/\/.*)\/tracker$/.exec(tracker)?.[1];
  return base === undefined ? null : `http${base}`;
}

function valid(addresses: readonly string[], pattern: RegExp, countMax: number): readonly string[] {
  const found = new Set<string>();
  for (const address of addresses) {
    if (found.size === countMax) break;
    const bare = address.length > ADDRESS_LENGTH_MAX ? '' : address.replace(/\/$/, '');
    if (pattern.test(bare)) found.add(bare);
  }
  return [...found];
}

// The core has no `URL`. Host: a name, an IPv4 address or a bracketed IPv6 address; then a port; then a plain path.
const REST = String.raw`://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:/[\w.~%-]+)*$`;
const EDGE_PATTERN = new RegExp(`^https?${REST}`, 'i');
const TRACKER_PATTERN = new RegExp(`^wss?${REST}`, 'i');

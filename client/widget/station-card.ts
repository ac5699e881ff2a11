/** What the widget knows of a station before anything plays. */
export interface StationCard {
  readonly name: string;
  readonly title: string;
  readonly artist: string;
  /** Address of its page. */
  readonly page: string;
  /** All that the server said, for the player to read closely. */
  readonly data: unknown;
}

export type CardAnswer =
  | { readonly state: 'known'; readonly card: StationCard }
  | { readonly state: 'untrusted' | 'refused' | 'unknown' }
  /** May come right by itself. */
  | { readonly state: 'unreachable' | 'offline' };

const FETCH_TIMEOUT_MS = 8000;

/**
 * Asks the server for a station. The key is the one that the partner wrote into the page: a server that says another
 * is not believed in anything.
 */
export async function fetchCard(server: string, station: string, key: string): Promise<CardAnswer> {
  let response: Response;
  let data: unknown;
  try {
    response = await fetch(`${server}/api/stations/${encodeURIComponent(station)}/player`, {
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      cache: 'no-store',
    });
    data = await response.json();
  } catch {
    return { state: navigator.onLine ? 'unreachable' : 'offline' };
  }
  if (response.status === 403) return { state: 'refused' };
  if (response.status === 404) return { state: 'unknown' };
  const found = field(data, 'station');
  if (!response.ok || found === undefined) return { state: 'unreachable' };
  if (field(found, 'publicKey') !== key) return { state: 'untrusted' };
  const mount = field(field(found, 'mounts'), '0');
  const card = {
    name: text(field(found, 'name')),
    title: text(field(mount, 'title')),
    artist: text(field(mount, 'artist')),
    page: text(field(data, 'page')),
    data,
  };
  return { state: 'known', card };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

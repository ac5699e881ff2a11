/** What this site's storage remembers of the listener's choices: no cookie, nothing is sent. */
export interface Remembered {
  /** Null: not asked yet. */
  readonly relay: boolean | null;
  readonly volume: number;
}

/** The same names as the station's page uses. */
const KEYS = { relay: 'essaim.relay', volume: 'essaim.volume' } as const;

export function remembered(): Remembered {
  const relay = read(KEYS.relay);
  const volume = Number(read(KEYS.volume) ?? '1');
  return {
    relay: relay === 'yes' ? true : relay === 'no' ? false : null,
    volume: volume >= 0 && volume <= 1 ? volume : 1,
  };
}

export const rememberRelay = (relay: boolean): void => write(KEYS.relay, relay ? 'yes' : 'no');
export const rememberVolume = (volume: number): void => write(KEYS.volume, String(volume));

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A sandboxed frame or a private window has no storage: the choice lasts as long as the page.
  }
}

/** What the page remembers on this device: no cookie, nothing is sent. A locked store forgets, and nothing breaks. */
export interface Preferences {
  readonly volume: number;
  readonly relay: boolean;
  /** Path of the chosen mount. */
  readonly mount: string | null;
}

const KEYS: Readonly<Record<keyof Preferences, string>> = {
  volume: 'essaim.volume',
  relay: 'essaim.relay',
  mount: 'essaim.mount',
};

export function loadPreferences(): Preferences {
  const volume = Number(read('volume') ?? '1');
  const relay = read('relay');
  return {
    volume: volume >= 0 && volume <= 1 ? volume : 1,
    relay: relay === null ? !isMeteredConnection() : relay === 'yes',
    mount: read('mount'),
  };
}

export const saveVolume = (volume: number): void => write('volume', String(volume));
export const saveRelay = (relay: boolean): void => write('relay', relay ? 'yes' : 'no');
export const saveMount = (path: string): void => write('mount', path);

/** Cellular, or a wish to save data: nothing is uploaded unless the person says so. */
function isMeteredConnection(): boolean {
  const connection: unknown = Reflect.get(navigator, 'connection');
  if (typeof connection !== 'object' || connection === null) return false;
  return Reflect.get(connection, 'saveData') === true || Reflect.get(connection, 'type') === 'cellular';
}

function read(name: keyof Preferences): string | null {
  try {
    return localStorage.getItem(KEYS[name]);
  } catch {
    return null;
  }
}

function write(name: keyof Preferences, value: string): void {
  try {
    localStorage.setItem(KEYS[name], value);
  } catch {
    // Private windows may refuse: the choice lasts as long as the page.
  }
}

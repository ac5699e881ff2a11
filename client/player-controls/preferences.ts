import { CEILING_DEFAULT_BYTES } from './ceiling.ts';

/** What is remembered on this device: no cookie, nothing is sent. A locked store forgets, and nothing breaks. */
export interface Preferences {
  readonly volume: number;
  readonly isMuted: boolean;
  /** Null: the listener has not said yet. */
  readonly relay: boolean | null;
  /** Path of the chosen mount; null: automatic. */
  readonly mount: string | null;
  /** Null: what the station says. */
  readonly uploadCapKbps: number | null;
  /** Bytes to pass on each month at most; null: no ceiling. */
  readonly ceilingBytes: number | null;
  readonly relayOnCellular: boolean;
  /** Null: the browser's. */
  readonly language: string | null;
}

export type PreferenceName = keyof Preferences;

const PREFIX = 'essaim.';
const KEYS: Readonly<Record<PreferenceName, string>> = {
  volume: `${PREFIX}volume`,
  isMuted: `${PREFIX}muted`,
  relay: `${PREFIX}relay`,
  mount: `${PREFIX}mount`,
  uploadCapKbps: `${PREFIX}upload-cap`,
  ceilingBytes: `${PREFIX}ceiling`,
  relayOnCellular: `${PREFIX}cellular`,
  language: `${PREFIX}language`,
};
const NOTHING = 'none';

export function loadPreferences(): Preferences {
  const relay = read('relay');
  const ceiling = read('ceilingBytes');
  return {
    volume: numberIn(read('volume'), 0, 1) ?? 1,
    isMuted: read('isMuted') === 'yes',
    relay: relay === null ? null : relay === 'yes',
    mount: read('mount'),
    uploadCapKbps: numberIn(read('uploadCapKbps'), 0, 1_000_000),
    ceilingBytes: ceiling === NOTHING ? null : (numberIn(ceiling, 0, 1e15) ?? CEILING_DEFAULT_BYTES),
    relayOnCellular: read('relayOnCellular') === 'yes',
    language: read('language'),
  };
}

export function savePreference<Name extends PreferenceName>(name: Name, value: Preferences[Name]): void {
  if (value === null && name !== 'ceilingBytes') writeText(KEYS[name], null);
  else if (typeof value === 'boolean') writeText(KEYS[name], value ? 'yes' : 'no');
  else writeText(KEYS[name], value === null ? NOTHING : String(value));
}

const read = (name: PreferenceName): string | null => readText(KEYS[name]);

function numberIn(text: string | null, min: number, max: number): number | null {
  if (text === null || text === '') return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

export function readText(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param text null: forget it. */
export function writeText(key: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // Private windows may refuse: the choice lasts as long as the page.
  }
}

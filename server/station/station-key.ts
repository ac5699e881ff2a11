import { ephemeralSigningKey, openSigningKey } from '../signing-key.ts';
import type { KeyFileWarning, SigningKey } from '../signing-key.ts';

/** What a station signs with; its public half is what listeners check against. */
export type StationKey = SigningKey;

/** The station's key, made at the first start: see `openSigningKey`. @throws Error as there. */
export const openStationKey = (
  file: string,
  warn: (warning: KeyFileWarning) => void,
): StationKey & { readonly isNew: boolean } => openSigningKey(file, 'station', warn);

/** A key of its own that no file holds: for tests and benchmarks. */
export const ephemeralStationKey = (): StationKey => ephemeralSigningKey();

import { BackOff } from '../../client/listener/back-off.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Log } from '../log.ts';
import type { KeyPins } from './key-pins.ts';
import type { StationAddress } from './station-address.ts';
import type { LookUp } from './station-lookup.ts';

export interface Finding {
  readonly address: StationAddress;
  readonly pins: KeyPins;
  readonly lookUp: (signal: AbortSignal) => Promise<LookUp>;
  /** It is not there yet: why. */
  readonly onAway: (detail: string) => void;
  readonly signal: AbortSignal;
  readonly log: Log;
}

const LOOK_UP_BACK_OFF = { baseMs: 2_000, capMs: 60_000, floorMs: 1_000 };

/**
 * Waits for the station, however long it is away. Null: `signal` came first.
 * @throws ConfigError (the promise rejects) if the address is wrong or the key is another.
 */
export async function findStation(finding: Finding): Promise<StationDescription | null> {
  const { address, pins, lookUp, onAway, signal, log } = finding;
  const backOff = new BackOff(LOOK_UP_BACK_OFF, Math.random);
  while (!signal.aborted) {
    const found = await lookUp(signal);
    if (found.type === 'wrong') throw new ConfigError(`Cannot relay ${address.server}: ${found.detail}`);
    if (found.type === 'found') {
      pins.check(address, found.station.publicKey);
      return found.station;
    }
    if (signal.aborted) return null;
    onAway(found.detail);
    const delayMs = backOff.nextDelayMs();
    const againInSeconds = Math.ceil(delayMs / 1000);
    log.warn({ detail: found.detail, againInSeconds }, 'the station is not there yet');
    await sleep(delayMs, signal);
  }
  return null;
}

/** Ends early, and without an error, when the signal does. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal?.addEventListener('abort', done);
  });
}

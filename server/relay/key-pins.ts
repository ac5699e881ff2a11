import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import { readFileOrNull, replaceFile } from './durable-file.ts';
import type { StationAddress } from './station-address.ts';

/** The station shows another key than the one that is trusted: nothing of it is relayed. */
export class KeyChanged extends ConfigError {}

const pinsSchema = z.record(z.string(), z.string());

/** Which key each station had when it was first seen, in `stations.json` of the state folder. */
export class KeyPins {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, 'stations.json');
  }

  /**
   * The key to trust: the one that came with the address, else the one seen first.
   * @param shown what the station's server says now
   * @throws KeyChanged if that is another one.
   */
  check(address: StationAddress, shown: string): string {
    const name = `${address.server}/${address.id ?? ''}`;
    const pins = this.#read();
    const pinned = pins[name];
    const trusted = address.key ?? pinned ?? shown;
    if (trusted !== shown) throw new KeyChanged(explanation(address, name, trusted, shown));
    if (pinned !== shown) replaceFile(this.#file, `${JSON.stringify({ ...pins, [name]: shown }, null, 2)}\n`);
    return shown;
  }

  #read(): Readonly<Record<string, string>> {
    const text = readFileOrNull(this.#file);
    if (text === null) return {};
    try {
      return pinsSchema.parse(JSON.parse(text));
    } catch (error) {
      throw new ConfigError(
        `Cannot read ${this.#file} as the keys of stations: remove it if you trust what the stations show now`,
        { cause: error },
      );
    }
  }
}

function explanation(address: StationAddress, name: string, trusted: string, shown: string): string {
  if (address.key !== null)
    return [
      `Cannot relay ${name} as it does not have the public key that you gave:`,
      `  you gave      ${trusted}`,
      `  it shows      ${shown}`,
      'Compare with what the station publishes. Either the address was copied wrong, or this is not the station.',
    ].join('\n');
  return [
    `Cannot relay ${name} as its public key is not the one that this relay has known so far:`,
    `  known so far  ${trusted}`,
    `  it shows      ${shown}`,
    'Either the station lost its key and made a new one, or somebody pretends to be the station.',
    'Ask the station. If the new key is theirs, accept it:',
    `  npm run relay -- ${address.server}${address.id === null ? '' : `/${address.id}`} --key ${shown}`,
  ].join('\n');
}

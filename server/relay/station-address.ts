import { ConfigError } from '../config/config-error.ts';

/** A station as a volunteer names it: its page's address, as the station publishes it. */
export interface StationAddress {
  /** Base address of its server, no slash at the end. */
  readonly server: string;
  /** Null: the server's first station. */
  readonly id: string | null;
  /** The public key that came with the address; null: none did. */
  readonly key: string | null;
}

const KEY_PATTERN = /^[A-Za-z0-9_-]{43}$/;

/**
 * @param text e.g. `https://radio.example`, `https://radio.example/jazz#key=…`
 * @param keyFlag what `--key` says; null: nothing
 * @throws ConfigError
 */
export function stationAddress(text: string, keyFlag: string | null): StationAddress {
  const url = URL.parse(text) ?? URL.parse(`https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw new ConfigError(
      `Cannot use the station's address as an http:// or https:// address: current value is ${text}`,
    );
  const path = url.pathname.replaceAll(/^\/+|\/+$/g, '');
  if (!/^([a-z0-9][a-z0-9-]{0,62})?$/.test(path))
    throw new ConfigError(
      `Cannot use the address's path as a station's name (it is the page's address that is asked for, like https://radio.example): current value is ${url.pathname}`,
    );
  const inAddress = new URLSearchParams(url.hash.slice(1)).get('key');
  if (keyFlag !== null && inAddress !== null && keyFlag !== inAddress)
    throw new ConfigError(
      `Cannot use two different public keys: current values are --key ${keyFlag} and ${inAddress} in the address`,
    );
  const key = keyFlag ?? inAddress;
  if (key !== null && !KEY_PATTERN.test(key))
    throw new ConfigError(
      `Cannot use the public key as 43 letters, digits, hyphens and underscores: current value is ${key}`,
    );
  return { server: url.origin, id: path === '' ? null : path, key };
}

import { BlockList, isIP } from 'node:net';

/** The reverse proxies whose word about a client is believed. */
export interface TrustedProxies {
  /** `address`: as a socket gives it; an IPv4 address mapped into IPv6 counts as IPv4. */
  includes(address: string): boolean;
}

/** @throws RangeError if an entry is neither an address nor a CIDR range. */
export function trustedProxies(entries: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const entry of entries) addEntry(list, entry);
  return {
    includes(address) {
      const plain = plainAddress(address);
      const version = isIP(plain);
      return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

export function isAddressOrRange(entry: string): boolean {
  try {
    addEntry(new BlockList(), entry);
    return true;
  } catch {
    return false;
  }
}

/** `::ffff:192.0.2.1` is how a dual-stack socket shows 192.0.2.1; a zone (`%eth0`) is not part of the address. */
export function plainAddress(address: string): string {
  const withoutZone = address.replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone)?.[1];
  return mapped ?? withoutZone;
}

function addEntry(list: BlockList, entry: string): void {
  const [address = '', bits, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) throw new RangeError(badEntry(entry));
  const family = version === 6 ? 'ipv6' : 'ipv4';
  if (bits === undefined) return list.addAddress(address, family);
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(prefix <= (version === 6 ? 128 : 32))) throw new RangeError(badEntry(entry));
  return list.addSubnet(address, prefix, family);
}

const badEntry = (entry: string): string =>
  `Cannot read a proxy as an IP address or a range like 10.0.0.0/8: current value is ${entry}`;

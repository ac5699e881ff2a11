import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';
import type { types } from 'mediasoup';

/** Addresses that are listened on at most: each is two candidates, and a listener takes 16. */
const ADDRESSES_MAX = 6;
/** Where ports are taken from when any will do. */
const PORT_RANGE = { min: 10_000, max: 59_999 } as const;

/**
 * Where a worker listens: all of this machine's addresses, those of the network first and loopback last, so that
 * browsers on the same machine connect too. Each is a candidate that listeners are told. Behind NAT none of them is
 * reachable from outside: then the operator sets `announcedAddress`, which is told in addition, first.
 *
 * @param port for UDP and TCP; 0: any free ones
 */
export function listenInfos(
  port: number,
  announcedAddress: string | null,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): types.TransportListenInfo[] {
  const addresses = listenAddresses(interfaces);
  return (['udp', 'tcp'] as const).flatMap((protocol) =>
    addresses.map((ip, index) => ({
      protocol,
      ip,
      ...(port === 0 ? { portRange: PORT_RANGE } : { port }),
      ...(announcedAddress !== null && index === 0 ? { announcedAddress, exposeInternalIp: true } : {}),
    })),
  );
}

function listenAddresses(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string[] {
  const usable = Object.values(interfaces)
    .flatMap((infos) => infos ?? [])
    .filter((info) => !isLinkLocal(info));
  const ordered = usable.toSorted((left, right) => rank(left) - rank(right)).map(({ address }) => address);
  return ordered.length === 0 ? ['0.0.0.0'] : [...new Set(ordered)].slice(0, ADDRESSES_MAX);
}

const rank = (info: NetworkInterfaceInfo): number =>
  Number(info.internal) * 2 + Number(info.family !== 'IPv4');

/** Needs a zone to be reached: useless to a listener elsewhere. */
const isLinkLocal = ({ address }: NetworkInterfaceInfo): boolean =>
  address.startsWith('fe80:') || address.startsWith('169.254.');

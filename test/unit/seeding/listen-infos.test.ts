import { describe, expect, test } from 'vitest';
import type { NetworkInterfaceInfo } from 'node:os';
import { listenInfos } from '../../../server/seeding/listen-infos.ts';

const ipv4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: `${address}/24`,
});
const ipv6 = (address: string): NetworkInterfaceInfo => ({
  address,
  internal: false,
  family: 'IPv6',
  netmask: 'ffff:ffff:ffff:ffff::',
  mac: '00:00:00:00:00:00',
  cidr: `${address}/64`,
  scopeid: 0,
});
const machine = {
  lo: [ipv4('127.0.0.1', true)],
  eth0: [ipv6('2001:db8::1'), ipv6('fe80::1'), ipv4('192.0.2.1')],
};

describe('where a worker listens', () => {
  test('is on the network first and loopback last, on one port for UDP and TCP', () => {
    expect(listenInfos(44_300, null, machine)).toEqual(
      (['udp', 'tcp'] as const).flatMap((protocol) =>
        ['192.0.2.1', '2001:db8::1', '127.0.0.1'].map((ip) => ({ protocol, ip, port: 44_300 })),
      ),
    );
  });

  test('is told by the announced address first where there is one, and by its own as well', () => {
    const [first, ...others] = listenInfos(44_300, 'radio.example', machine);
    expect(first).toMatchObject({
      ip: '192.0.2.1',
      announcedAddress: 'radio.example',
      exposeInternalIp: true,
    });
    expect(
      others.filter(({ protocol }) => protocol === 'udp').some((info) => 'announcedAddress' in info),
    ).toBe(false);
  });

  test('is few enough addresses for a listener’s offer to hold, however many the machine has', () => {
    const many = { eth0: Array.from({ length: 50 }, (_, index) => ipv4(`192.0.2.${index + 1}`)) };
    expect(listenInfos(44_300, 'radio.example', many).length + 2).toBeLessThanOrEqual(16);
  });

  test('is everywhere on a machine that names no address', () => {
    expect(listenInfos(0, null, {}).map(({ ip }) => ip)).toEqual(['0.0.0.0', '0.0.0.0']);
  });
});

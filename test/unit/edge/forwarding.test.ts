import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { HttpConfig } from '../../../server/config/config.ts';
import { createForwarding } from '../../../server/edge/forwarding.ts';

describe('forwarding', () => {
  it('believes no header when no proxy is declared', () => {
    const { address, url } = ask({}, '198.51.100.7', {
      'x-forwarded-for': '203.0.113.5',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=203.0.113.5;proto=https;host=evil.example',
    });
    expect(address).toBe('198.51.100.7');
    expect(url).toBe('http://radio.example');
  });

  it('believes no header of a peer that is not the declared proxy', () => {
    const proxied = { trustedProxies: ['10.0.0.0/8'] };
    const { address, url } = ask(proxied, '11.0.0.1', {
      'x-forwarded-for': '203.0.113.5',
      'x-forwarded-proto': 'https',
    });
    expect([address, url]).toEqual(['11.0.0.1', 'http://radio.example']);
  });

  it('takes client, scheme and host from a declared proxy', () => {
    const { address, url } = ask({ trustedProxies: ['10.0.0.0/8'] }, '::ffff:10.1.2.3', {
      'x-forwarded-for': '203.0.113.5',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'Radio.Example:8443',
    });
    expect([address, url]).toEqual(['203.0.113.5', 'https://radio.example:8443']);
  });

  it('does not reach what a client itself wrote before the proxy’s word', () => {
    const { address } = ask({ trustedProxies: ['10.0.0.1'] }, '10.0.0.1', {
      'x-forwarded-for': '127.0.0.1, 10.0.0.1, 203.0.113.5',
    });
    expect(address).toBe('203.0.113.5');
  });

  it('walks through several declared proxies', () => {
    const { address } = ask({ trustedProxies: ['10.0.0.1', '2001:db8::/32'] }, '10.0.0.1', {
      'x-forwarded-for': '203.0.113.5, 2001:db8::7',
    });
    expect(address).toBe('203.0.113.5');
  });

  it('stops at a hop that is no address', () => {
    const { address } = ask({ trustedProxies: ['10.0.0.1'] }, '10.0.0.1', {
      'x-forwarded-for': '203.0.113.5, unknown',
    });
    expect(address).toBe('10.0.0.1');
  });

  it('reads Forwarded (RFC 7239) where that is what the proxy sets, and then nothing else', () => {
    const config = { trustedProxies: ['10.0.0.1'], forwardedBy: 'forwarded' } as const;
    const headers = {
      forwarded: 'for="[2001:db8::17]:4711";proto=https;host="radio.example:444", For=10.0.0.1',
      'x-forwarded-for': '198.51.100.99',
    };
    expect(ask(config, '10.0.0.1', headers)).toEqual({
      address: '2001:db8::17',
      url: 'https://radio.example:444',
    });
  });

  it('does not read Forwarded where the proxy sets X-Forwarded-For: it would pass a client’s own through', () => {
    const { address } = ask({ trustedProxies: ['10.0.0.1'] }, '10.0.0.1', { forwarded: 'for=203.0.113.5' });
    expect(address).toBe('10.0.0.1');
  });

  it('lets neither markup nor paths through a host', () => {
    for (const host of ['"><script>', 'a/b', 'a b', 'user@host', ''])
      expect(ask({}, '198.51.100.7', {}, host).url).toBe('http://127.0.0.1:80');
    expect(ask({}, '198.51.100.7', {}, '[2001:DB8::1]:8080').url).toBe('http://[2001:db8::1]:8080');
  });

  it('prefers the configured public address to everything', () => {
    const config = { publicUrl: 'https://listen.example', trustedProxies: ['10.0.0.1'] };
    expect(ask(config, '10.0.0.1', { 'x-forwarded-host': 'x.example' }).url).toBe('https://listen.example');
  });
});

function ask(
  config: Partial<HttpConfig>,
  remoteAddress: string,
  headers: Readonly<Record<string, string>>,
  host = 'radio.example',
): { readonly address: string; readonly url: string } {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const request = new IncomingMessage(socket);
  Object.assign(request.headers, headers, { host });
  const forwarding = createForwarding({
    host: null,
    port: 0,
    publicUrl: null,
    tls: null,
    trustedProxies: [],
    forwardedBy: 'x-forwarded',
    ...config,
  });
  return { address: forwarding.clientAddress(request), url: forwarding.publicUrl(request) };
}

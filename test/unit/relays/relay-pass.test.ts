import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isPassOf, makePass, PASS_LIFETIME_MS } from '../../../server/relays/relay-pass.ts';
import { unixMillis } from '../../../shared/units.ts';

function station(): { readonly key: string; readonly sign: (data: Uint8Array) => Uint8Array } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    key: String(publicKey.export({ format: 'jwk' }).x),
    sign: (data) => signWith(null, data, privateKey),
  };
}

const NOW = unixMillis(1_700_000_000_000);
const { key, sign } = station();
const RELAY = 'r'.repeat(43);
const pass = makePass(sign, RELAY, NOW);
const holds = (changed: object, at = 0): boolean =>
  isPassOf(key, { ...pass, ...changed }, unixMillis(NOW + at));

describe('a relay’s pass', () => {
  test('holds for its hour and its relay, at any tracker of the station', () => {
    expect(holds({})).toBe(true);
    expect(holds({}, PASS_LIFETIME_MS - 1)).toBe(true);
    expect(holds({}, PASS_LIFETIME_MS)).toBe(false);
    expect(holds({ relayKey: 's'.repeat(43) })).toBe(false);
    expect(holds({ untilMs: pass.untilMs + 1 })).toBe(false);
    expect(holds({ signature: 'nonsense' })).toBe(false);
    expect(isPassOf(station().key, pass, NOW)).toBe(false);
  });

  test('that would hold for days is none, whoever signed it', () => {
    const long = makePass(sign, RELAY, unixMillis(NOW + 86_400_000));
    expect(isPassOf(key, long, NOW)).toBe(false);
  });
});

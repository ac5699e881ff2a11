import { createHash, generateKeyPairSync, sign, webcrypto } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha512 } from '../../../client/listener/sha512.ts';
import { createVerifier } from '../../../client/listener/verifier.ts';
import { seeded } from '../../support/property.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = publicKey.export({ format: 'jwk' }).x ?? '';
const message = new Uint8Array(5000).fill(3);
const signature = Uint8Array.from(sign(null, message, privateKey));
const withoutEd25519 = {
  importKey: () => Promise.reject(new Error('NotSupportedError')),
  verify: () => Promise.resolve(true),
};

describe.each([
  ['WebCrypto', webcrypto.subtle],
  ['the library, in an insecure context', null],
  ['the library, where WebCrypto does not know Ed25519', withoutEd25519],
])('verification by %s', (_, subtle) => {
  test('takes the station’s signature and nothing else', async () => {
    const verify = createVerifier(key, subtle);
    expect(await verify(message, signature)).toBe(true);
    expect(await verify(message.with(9, 4), signature)).toBe(false);
    expect(await verify(message, signature.with(9, (signature[9] ?? 0) ^ 1))).toBe(false);
    expect(await verify(message.subarray(1), signature)).toBe(false);
    expect(await verify(message, new Uint8Array(64))).toBe(false);
    const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '';
    expect(await createVerifier(other, subtle)(message, signature)).toBe(false);
  });
});

describe('a verifier', () => {
  test('imports its key once', async () => {
    let imports = 0;
    const verify = createVerifier(key, {
      importKey: () => {
        imports += 1;
        return Promise.resolve('key');
      },
      verify: () => Promise.resolve(true),
    });
    await Promise.all([verify(message, signature), verify(message, signature)]);
    expect(imports).toBe(1);
  });

  test.each(['', 'AAAA', `${'A'.repeat(42)}=`, `${'A'.repeat(42)}+`, 'A'.repeat(44)])(
    'throws at once for a key that is none: %j',
    (wrong) => {
      expect(() => createVerifier(wrong, null)).toThrow(RangeError);
    },
  );
});

const expected = (bytes: Uint8Array) => Uint8Array.from(createHash('sha512').update(bytes).digest());

describe('SHA-512', () => {
  test('gives what Node gives, for every length around a block and at random', () => {
    for (let length = 0; length <= 260; length += 1) {
      const bytes = new Uint8Array(length).fill(length);
      expect(sha512(bytes)).toEqual(expected(bytes));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
        expect(sha512(bytes)).toEqual(expected(bytes));
      }),
      seeded('SHA-512', 300),
    );
  });
});

import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStationKey } from '../../../server/station/station-key.ts';
import type { KeyFileWarning } from '../../../server/signing-key.ts';

describe('station key', () => {
  let folder = '';
  let file = '';
  const warnings: KeyFileWarning[] = [];
  const open = (): ReturnType<typeof openStationKey> =>
    openStationKey(file, (warning) => {
      warnings.push(warning);
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'essaim-key-'));
    file = join(folder, 'station', 'station.key');
    warnings.length = 0;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is made once, for its owner only, and nothing else is left beside it', () => {
    const first = open();
    expect(first.isNew).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'station')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, 'station'))).toEqual(['station.key']);
    const second = open();
    expect(second.isNew).toBe(false);
    expect(second.publicKeyText).toBe(first.publicKeyText);
    expect(warnings).toEqual([]);
  });

  it('signs what its public half verifies', () => {
    const key = open();
    const data = Buffer.from('sound');
    const signature = key.sign(data);
    expect(signature).toHaveLength(64);
    expect(key.publicKey).toHaveLength(32);
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.publicKeyText };
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    expect(verify(null, data, publicKey, signature)).toBe(true);
    expect(verify(null, Buffer.from('noise'), publicKey, signature)).toBe(false);
  });

  it('is closed again, aloud, when others could read it', () => {
    open();
    chmodSync(file, 0o644);
    open();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(warnings.map((warning) => warning.text).join()).toContain('mode 0644');
  });

  it('never shows its secret half in what is thrown, or when it is printed', () => {
    const key = open();
    const secret = readFileSync(file, 'utf8').split('\n')[1] ?? '';
    expect(JSON.stringify(key)).not.toContain(secret);
    writeFileSync(file, `broken ${secret}`);
    expect(open).toThrow(`Cannot read ${file} as a private key`);
    expect(open).not.toThrow(secret);
  });

  it('is refused when it is of another kind', () => {
    open();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(open).toThrow('current value is of type ec');
  });
});

import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/log.ts';
import { openRelayIdentity } from '../../../server/relay/relay-identity.ts';

describe('relay identity', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'essaim-relay-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is made at the first start, for its owner only, and is the same at the next', () => {
    const first = openRelayIdentity(folder, silentLog());
    expect(first.publicKeyText).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(readdirSync(folder)).toEqual(['relay.key']);
    expect(statSync(join(folder, 'relay.key')).mode & 0o777).toBe(0o600);
    expect(openRelayIdentity(folder, silentLog()).publicKeyText).toBe(first.publicKeyText);
  });

  it('signs what its public key verifies, and nothing else', () => {
    const identity = openRelayIdentity(folder, silentLog());
    const message = Buffer.from('a challenge');
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: identity.publicKeyText };
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    expect(verify(null, message, publicKey, identity.sign(message))).toBe(true);
    expect(verify(null, Buffer.from('another'), publicKey, identity.sign(message))).toBe(false);
  });
});

import { createPublicKey, verify as verifyEd25519, webcrypto } from 'node:crypto';
import type { Verifier } from '../../../client/listener/environment.ts';
import { createVerifier } from '../../../client/listener/verifier.ts';
import { ephemeralStationKey } from '../../../server/station/station-key.ts';
import { rounded } from './section.ts';
import type { Row, Section } from './section.ts';

/** A chunk's signed bytes: about 250 ms at 128 kbit/s. */
const CHUNK_BYTES = 4_096;

/** What one verification costs a listener, one after the other, by each implementation that there is. */
export const verifySection: Section = {
  name: 'verify',
  title: 'Verify a 4 KB chunk',
  run: ({ quick }) => measure(quick ? 300 : 2_000),
};

async function measure(durationMs: number): Promise<readonly Row[]> {
  const key = ephemeralStationKey();
  const message = Uint8Array.from({ length: CHUNK_BYTES }, (_, index) => index % 251);
  const signature = key.sign(message);
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: key.publicKeyText },
    format: 'jwk',
  });
  const verifiers: Readonly<Record<string, Verifier>> = {
    nodeCrypto: (bytes, proof) => Promise.resolve(verifyEd25519(null, bytes, publicKey, proof)),
    webCrypto: createVerifier(key.publicKeyText, webcrypto.subtle),
    nobleEd25519: createVerifier(key.publicKeyText, null),
  };
  const rows: Row[] = [];
  for (const [name, verify] of Object.entries(verifiers)) {
    const run = async (lastsMs: number): Promise<number> => {
      const started = performance.now();
      let count = 0;
      while (performance.now() - started < lastsMs) {
        if (!(await verify(message, signature)))
          throw new Error(
            `Cannot measure ${name} as it must accept a good signature: current value is false`,
          );
        count += 1;
      }
      return ((performance.now() - started) * 1000) / count;
    };
    await run(durationMs / 4);
    rows.push({ of: name, figures: { microsPerVerify: rounded(await run(durationMs), 1) } });
  }
  return rows;
}

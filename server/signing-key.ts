import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign as signEd25519,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode, errorText } from './error.ts';

/** What a station, or a relay, signs with. The secret half never leaves this object. */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The same in base64url, 43 characters, as others get it. */
  readonly publicKeyText: string;
  /** A signature of 64 bytes (RFC 8032, Ed25519). */
  sign(data: Uint8Array): Uint8Array;
}

export interface KeyFileWarning {
  readonly text: string;
  readonly file: string;
}

/**
 * Reads a key, or makes it at the first start: PKCS #8 PEM, mode 0600, in a folder of mode 0700.
 *
 * A key that others may read is put right, and said aloud, rather than refused: a restored backup or a copied volume
 * must not keep a radio silent at night. Where the mode cannot be put right it is refused, since then every user of
 * the machine could sign in its owner's name.
 *
 * @param owner whose key it is, for messages: `station`
 * @throws Error if the file cannot be read or made, is no Ed25519 key, or stays readable by others.
 */
export function openSigningKey(
  file: string,
  owner: string,
  warn: (warning: KeyFileWarning) => void,
): SigningKey & { readonly isNew: boolean } {
  const isNew = makeUnlessThere(file);
  closeToOthers(file, owner, warn);
  return { ...keyFromPem(file), isNew };
}

/** A key of its own that no file holds: for tests and benchmarks. */
export const ephemeralSigningKey = (): SigningKey => signingKey(generateKeyPairSync('ed25519').privateKey);

/** The 32 bytes of a public key's text, which a schema has checked. */
export const decodePublicKey = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));

function keyFromPem(file: string): SigningKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(readFileSync(file));
  } catch (error) {
    // The cause's text is about the format; it never holds the key.
    throw new Error(`Cannot read ${file} as a private key: current value is ${errorText(error)}`, {
      cause: error,
    });
  }
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new Error(
      `Cannot read ${file} as an Ed25519 key: current value is of type ${privateKey.asymmetricKeyType}`,
    );
  return signingKey(privateKey);
}

function signingKey(privateKey: KeyObject): SigningKey {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (x === undefined) throw new Error('Cannot export the public key as a JWK: current value has no x');
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    publicKeyText: x,
    sign: (data) => signEd25519(null, data, privateKey),
  };
}

/** Whole or not at all, and never over a key that is there, even if two servers start at once. */
function makeUnlessThere(file: string): boolean {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return false;
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  const draft = join(folder, `.key.${randomBytes(6).toString('hex')}`);
  try {
    writeDurably(draft, pem.toString());
    return putInPlace(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A hard link refuses to replace, which a rename does not; some file systems have no links. */
function putInPlace(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    renameSync(draft, file);
    return true;
  }
}

const OTHERS = 0o077;

function closeToOthers(file: string, owner: string, warn: (warning: KeyFileWarning) => void): void {
  if (process.platform === 'win32') return;
  chmodSync(dirname(file), 0o700);
  const mode = modeOf(file);
  if ((mode & OTHERS) === 0) return;
  chmodSync(file, 0o600);
  const now = modeOf(file);
  if ((now & OTHERS) !== 0)
    throw new Error(`Cannot use ${file} as a key of its owner only: current value is mode ${octal(now)}`);
  warn({
    file,
    text:
      `The ${owner}'s key was open to other users (mode ${octal(mode)}); it is closed again. ` +
      'If somebody else uses this machine, delete the file: the next start makes a new key.',
  });
}

const modeOf = (file: string): number => statSync(file).mode & 0o777;
const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

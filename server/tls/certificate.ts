import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { ConfigError } from '../config/config-error.ts';
import type { TlsConfig } from '../config/config.ts';
import { errorCode, errorText } from '../error.ts';

/** A certificate with its chain and its private key, found to belong together. */
export interface Certificate {
  /** PEM: the server's own certificate first. */
  readonly chain: string;
  /** PEM. */
  readonly key: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** Whether it is for this host name or IP address. */
  isFor(host: string): boolean;
  /** What it is for, as people read it. */
  readonly names: string;
}

/** @throws ConfigError naming the file, what it must be, and what was read. */
export function readCertificate({ certificateFile, keyFile }: TlsConfig): Certificate {
  const chain = readPem(certificateFile, 'a certificate');
  const key = readPem(keyFile, 'a private key');
  const own = parseCertificate(chain, certificateFile);
  if (!own.checkPrivateKey(parseKey(key, keyFile)))
    throw new ConfigError(
      `Cannot use ${keyFile} as the private key of ${certificateFile}: it belongs to another certificate than the one there, which is for ${namesOf(own)} until ${own.validTo}`,
    );
  return {
    chain,
    key,
    validFrom: new Date(own.validFrom),
    validTo: new Date(own.validTo),
    isFor: (host) => (isIP(host) > 0 ? own.checkIP(host) : own.checkHost(host)) !== undefined,
    names: namesOf(own),
  };
}

function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new ConfigError(
      `Cannot use ${file} as a certificate in PEM (-----BEGIN CERTIFICATE-----): ${readInstead(pem, error)}`,
      { cause: error },
    );
  }
}

function parseKey(pem: string, file: string): KeyObject {
  const rule = `Cannot use ${file} as a private key in PEM (-----BEGIN PRIVATE KEY-----)`;
  if (/ENCRYPTED/.test(pem))
    throw new ConfigError(`${rule}: it is locked with a passphrase, which nobody could type at a restart`);
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new ConfigError(`${rule}: ${readInstead(pem, error)}`, { cause: error });
  }
}

/** The first line of PEM says what it is; nothing else of a file that may hold a key is shown. */
function readInstead(pem: string, error: unknown): string {
  const begin = /-----BEGIN [A-Z0-9 ]{1,40}-----/.exec(pem)?.[0];
  if (begin === undefined) return pem.length === 0 ? 'it is empty' : 'no such line is in it';
  return `it begins with ${begin} (${errorText(error)})`;
}

function readPem(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reasons = new Map([
      ['ENOENT', 'there is no such file'],
      ['EACCES', 'the user that this program runs as may not read it'],
      ['EISDIR', 'it is a folder'],
    ]);
    const reason = reasons.get(errorCode(error) ?? '') ?? errorText(error);
    throw new ConfigError(`Cannot read ${file} as ${what}: ${reason}`, { cause: error });
  }
}

const namesOf = ({ subjectAltName, subject }: X509Certificate): string =>
  subjectAltName === undefined
    ? (subject ?? 'nobody').replaceAll('\n', ', ')
    : subjectAltName.replaceAll(/(?:DNS|IP Address):/g, '');

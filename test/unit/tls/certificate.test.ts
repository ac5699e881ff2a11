import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../server/config/config-error.ts';
import type { TlsConfig } from '../../../server/config/config.ts';
import { readCertificate } from '../../../server/tls/certificate.ts';
import { makeCertificate } from '../../support/certificates.ts';

let folder = '';
let files: TlsConfig;
let others: TlsConfig;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-tls-'));
  files = makeCertificate(folder, { names: ['radio.example', '192.0.2.1'] });
  others = makeCertificate(folder, { name: 'others' });
});
afterAll(() => rmSync(folder, { recursive: true }));

function whyNot(changes: Partial<TlsConfig>): string {
  try {
    readCertificate({ ...files, ...changes });
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
}

describe('a certificate', () => {
  it('is read with its key, and knows whom it is for', () => {
    const certificate = readCertificate(files);
    expect(certificate.names).toBe('radio.example, 192.0.2.1');
    expect(certificate.isFor('radio.example')).toBe(true);
    expect(certificate.isFor('192.0.2.1')).toBe(true);
    expect(certificate.isFor('other.example')).toBe(false);
    expect(certificate.validTo.getTime()).toBeGreaterThan(Date.now());
  });

  it('with the key of another one is refused, naming both files and whom it is for', () => {
    const text = whyNot({ keyFile: others.keyFile });
    expect(text).toContain(`Cannot use ${others.keyFile} as the private key of ${files.certificateFile}`);
    expect(text).toContain('radio.example');
  });

  it('that is not there, or is a folder, is named', () => {
    expect(whyNot({ certificateFile: '/nowhere/a.crt' })).toBe(
      'Cannot read /nowhere/a.crt as a certificate: there is no such file',
    );
    expect(whyNot({ keyFile: folder })).toBe(`Cannot read ${folder} as a private key: it is a folder`);
  });

  it('and its key that were exchanged are told apart, and no key is shown', () => {
    const text = whyNot({ certificateFile: files.keyFile });
    expect(text).toContain(`Cannot use ${files.keyFile} as a certificate in PEM`);
    expect(text).toContain('it begins with -----BEGIN PRIVATE KEY-----');
    expect(whyNot({ keyFile: files.certificateFile })).toContain(
      'it begins with -----BEGIN CERTIFICATE-----',
    );
  });

  it('that is empty or no PEM, or whose key is locked, is refused with what was read', () => {
    const file = join(folder, 'odd.pem');
    writeFileSync(file, '');
    expect(whyNot({ certificateFile: file })).toContain('it is empty');
    writeFileSync(file, 'hello');
    expect(whyNot({ keyFile: file })).toContain('no such line is in it');
    copyFileSync(files.keyFile, file);
    execFileSync('openssl', ['pkcs8', '-topk8', '-in', files.keyFile, '-passout', 'pass:x', '-out', file]);
    expect(whyNot({ keyFile: file })).toContain('locked with a passphrase');
  });
});

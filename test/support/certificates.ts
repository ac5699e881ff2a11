import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { TlsConfig } from '../../server/config/config.ts';

/**
 * Makes a self-signed certificate and its key as PEM files in `folder`, over those of the same name.
 * @param names host names and IP addresses it is for.
 */
export function makeCertificate(
  folder: string,
  { name = 'tls', names = ['localhost', '127.0.0.1'], days = 30 } = {},
): TlsConfig {
  const files = { certificateFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) };
  const subjects = names.map((host) => `${/^[\d.]+$/.test(host) ? 'IP' : 'DNS'}:${host}`).join(',');
  const making = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc'.split(' ');
  const subject = ['-subj', `/CN=${names[0]}`, '-addext', `subjectAltName=${subjects}`];
  const out = ['-days', String(days), '-keyout', files.keyFile, '-out', files.certificateFile];
  execFileSync('openssl', [...making, ...subject, ...out], { stdio: 'ignore' });
  return files;
}

import type { Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { errorText } from '../error.ts';
import type { TlsConfig } from '../config/config.ts';
import type { Log } from '../log.ts';
import { readCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';

/**
 * How often the files are looked at. Reading them is what works everywhere: events of the file system are not told
 * through bind mounts, network folders, and links that are replaced, as certbot's are.
 */
export const LOOK_INTERVAL_MS = 10_000;
const EXPIRY_WARNING_MS = 7 * 86_400_000;

export interface KeptCertificateOptions {
  readonly http: Server;
  readonly files: TlsConfig;
  /** What the server was started with. */
  readonly first: Certificate;
  /** As listeners type it; null: unknown. */
  readonly publicUrl: string | null;
  readonly log: Log;
  /** A shorter one in tests. */
  readonly intervalMs?: number;
}

/**
 * Takes up certificates that are renewed on disk: connections that are open go on, new ones get the new certificate.
 * Files that do not belong together, as while one is replaced and not yet the other, change nothing.
 * Returns how to stop.
 */
export function keepCertificate(options: KeptCertificateOptions): () => void {
  const { http, files, first, log, intervalMs = LOOK_INTERVAL_MS } = options;
  let inUse = first;
  let problem = '';
  let warned: string | null = null;
  const warn = (): void => {
    const text = whyWarn(inUse, options.publicUrl);
    if (text !== null && text !== warned) log.warn({ certificate: files.certificateFile }, text);
    warned = text;
  };
  const look = (): void => {
    try {
      const found = readCertificate(files);
      if (found.chain !== inUse.chain || found.key !== inUse.key) {
        secure(http, found);
        inUse = found;
        log.info({ names: found.names, validTo: found.validTo }, 'a renewed certificate is in use');
      }
      problem = '';
    } catch (error) {
      const text = errorText(error);
      if (text !== problem) log.warn({ problem: text }, 'the certificate before stays in use');
      problem = text;
    }
    warn();
  };
  warn();
  const timer = setInterval(look, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

function secure(http: Server, { chain, key }: Certificate): void {
  if (http instanceof HttpsServer) http.setSecureContext({ cert: chain, key });
}

/** What browsers would refuse; null: nothing. */
function whyWarn(certificate: Certificate, publicUrl: string | null): string | null {
  const now = Date.now();
  const until = certificate.validTo.toISOString();
  if (certificate.validFrom.getTime() > now)
    return `the certificate is not valid before ${certificate.validFrom.toISOString()}: listeners are refused by their browsers`;
  if (certificate.validTo.getTime() <= now)
    return `the certificate ran out at ${until}: listeners are refused by their browsers`;
  if (certificate.validTo.getTime() - now <= EXPIRY_WARNING_MS)
    return `the certificate runs out at ${until}, and no renewed one is there`;
  const host = publicUrl === null ? null : new URL(publicUrl).hostname.replaceAll(/^\[|\]$/g, '');
  if (host !== null && !certificate.isFor(host))
    return `the certificate is for ${certificate.names}, not for ${host}: listeners are refused by their browsers`;
  return null;
}

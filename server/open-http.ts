import type { Server } from 'node:http';
import type { HttpConfig } from './config/config.ts';
import { answerNotYet, listenHttp } from './http-server.ts';
import type { Log } from './log.ts';
import type { Door } from './source-client/door.ts';
import { readCertificate } from './tls/certificate.ts';
import { keepCertificate } from './tls/kept-certificate.ts';

/**
 * Listens as the configuration says, with a certificate that is kept up to date if there is one. What serves comes later.
 * @throws ConfigError (the promise rejects) if the certificate or the port cannot be had.
 */
export async function openHttp(config: HttpConfig, log: Log, door?: Door): Promise<Server> {
  const { host, port, tls, publicUrl } = config;
  const certificate = tls === null ? null : readCertificate(tls);
  const onError = (error: Error): void => {
    // Out of file descriptors, say: those who are connected hear on.
    log.error({ error: error.message }, 'cannot take a connection');
  };
  const http = await listenHttp(answerNotYet, host, port, onError, door, certificate);
  if (tls !== null && certificate !== null) {
    const stop = keepCertificate({ http, files: tls, first: certificate, publicUrl, log });
    http.once('close', stop);
  }
  return http;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Forwarding } from '../edge/forwarding.ts';

/**
 * Browsers that open a page without TLS are sent to the same one with it. Radios and other programs, which ask for no
 * page, are served as they came: many know nothing else. True: the request is answered.
 */
export function leadToHttps(
  request: IncomingMessage,
  response: ServerResponse,
  forwarding: Forwarding,
): boolean {
  const { method = '', headers, url = '' } = request;
  const wantsPage = /^(GET|HEAD)$/.test(method) && (headers.accept ?? '').includes('text/html');
  if (!wantsPage || !url.startsWith('/') || forwarding.requestedUrl(request).startsWith('https:'))
    return false;
  const secure = forwarding.publicUrl(request).replace(/^http:/, 'https:');
  response.writeHead(308, { Location: `${secure}${url}`, 'Cache-Control': 'no-store' }).end();
  return true;
}

/** Answers to source clients, line for line as Icecast gives them, with `Content-Length`, `Allow` and keep-alive added. */

export const SOURCE_OK = 'HTTP/1.0 200 OK\r\n\r\n';
export const CONTINUE = 'HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n';
export const SHOUTCAST_OK = 'OK2\r\nicy-caps:11\r\n\r\n';
export const SHOUTCAST_WRONG = 'Invalid Password\r\n';

/** By what clients tell how they may send: libshout uses PUT only where it is listed. */
export const ALLOW = 'GET, PUT, OPTIONS, SOURCE';
export const REALM = 'Basic realm="Icecast2 Server"';

const STATUS_TEXTS = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Authentication Required',
  403: 'Forbidden',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
} as const;

export type AnswerStatus = keyof typeof STATUS_TEXTS;

/** @param keepAlive the next request may come over the same connection. @param now for `Date`, Unix milliseconds. */
export function answer(status: AnswerStatus, body: string, keepAlive: boolean, now: number): string {
  return [
    `HTTP/1.0 ${status} ${STATUS_TEXTS[status]}`,
    'Server: Essaim',
    `Connection: ${keepAlive ? 'Keep-Alive' : 'Close'}`,
    `Date: ${new Date(now).toUTCString()}`,
    'Content-Type: text/plain; charset=utf-8',
    ...(status === 401 ? [`WWW-Authenticate: ${REALM}`] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Allow: ${ALLOW}`,
    'Cache-Control: no-cache, no-store',
    'Expires: Mon, 26 Jul 1997 05:00:00 GMT',
    'Pragma: no-cache',
    '',
    body,
  ].join('\r\n');
}

export const UNAUTHORISED = 'You need to authenticate\r\n';

import { describe, expect, it } from 'vitest';
import { BODY_END, bodyReader } from '../../../server/source-client/body-reader.ts';

const text = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('latin1');

/** Everything that comes out, fed in pieces of `size` bytes. */
function feed(headers: Readonly<Record<string, string>>, body: string, size: number, method = 'PUT') {
  const reader = bodyReader(method, new Map(Object.entries(headers)));
  const bytes = Buffer.from(body, 'latin1');
  let sound = '';
  for (let at = 0; at < bytes.length; at += size) sound += text(reader.push(bytes.subarray(at, at + size)));
  return { sound, over: reader.over };
}

const CHUNKED = { 'transfer-encoding': 'Chunked' };

describe('a source’s body', () => {
  it.each([1, 2, 3, 7, 1000])('in chunks comes out without their sizes, in pieces of %i bytes', (size) => {
    const body = '5\r\nhello\r\n00A;name="x"\r\n, 12\r\n4567\r\n1\n!\n0\r\nTrailer: x\r\n\r\nnext';
    expect(feed(CHUNKED, body, size)).toEqual({ sound: 'hello, 12\r\n4567!', over: BODY_END });
  });

  it.each(['x\r\n', '5\r\nhelloX\r\n', '-1\r\n', `${'1'.repeat(2000)}\r\n`, '123456789\r\n'])(
    'in broken chunks is over, with the reason: %j',
    (body) => {
      expect(feed(CHUNKED, body, 3).over).toMatch(/chunked encoding/);
    },
  );

  it('of a told length ends there', () => {
    expect(feed({ 'content-length': '5' }, 'hello, you', 4)).toEqual({ sound: 'hello', over: BODY_END });
    expect(feed({ 'content-length': '0' }, '', 4).over).toBe(BODY_END);
  });

  it('without framing goes on, and so does every SOURCE, whatever length it tells', () => {
    expect(feed({}, '5\r\nhello', 3)).toEqual({ sound: '5\r\nhello', over: null });
    expect(feed({ 'content-length': '3' }, 'hello', 2, 'SOURCE')).toEqual({ sound: 'hello', over: null });
    expect(feed({ 'content-length': 'all' }, 'hello', 2)).toEqual({ sound: 'hello', over: null });
  });
});

import { describe, expect, it } from 'vitest';
import { headEnd, parseHead } from '../../../server/source-client/request-head.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

const nameIn = (text: Buffer): string | undefined =>
  parseHead(Buffer.concat([bytes('PUT /a HTTP/1.1\nice-name: '), text, bytes('\n\n')]))?.headers.get(
    'ice-name',
  );

describe('where a request’s head ends', () => {
  it.each(['\n', '\r\n', '\r\r\n'])('is an empty line, whatever ends lines: %j', (end) => {
    const head = `SOURCE /a ICE/1.0${end}Content-Type: audio/mpeg${end}${end}`;
    expect(headEnd(bytes(`${head}\xff\xfb\n\n`))).toBe(head.length);
    for (let length = 0; length < head.length; length++)
      expect(headEnd(bytes(head.slice(0, length)))).toBeNull();
  });

  it('is not before the request: empty lines that precede it are passed over', () => {
    expect(headEnd(bytes('\r\n\r\nPUT /a HTTP/1.1\r\n\r\n'))).toBe(23);
    expect(headEnd(bytes('\n\n\n'))).toBeNull();
  });
});

describe('a request’s head', () => {
  it('has a method, a path and headers by lower-case name', () => {
    const head = parseHead(bytes('PUT /live.mp3?x=1 HTTP/1.1\r\nICE-Name:  Radio: one \r\nnonsense\r\n\r\n'));
    expect(head).toMatchObject({ method: 'PUT', path: '/live.mp3' });
    expect(Object.fromEntries(head?.headers ?? [])).toEqual({ 'ice-name': 'Radio: one' });
  });

  it.each([
    ['SOURCE http://radio.example:8000/a%20b ICE/1.0', '/a b'],
    ['SOURCE /old', '/old'],
    ['OPTIONS * HTTP/1.1', '*'],
  ])('names its path in several ways: %s', (line, path) => {
    expect(parseHead(bytes(`${line}\n\n`))?.path).toBe(path);
  });

  it.each(['SOURCE live.mp3 HTTP/1.0', 'SOURCE', 'source /a', '\xff\xfb\x90 /a', 'PUT /%ff HTTP/1.1'])(
    'that is none is refused: %j',
    (line) => {
      expect(parseHead(bytes(`${line}\r\n\r\n`))).toBeNull();
    },
  );

  it('may be in Latin-1 or UTF-8', () => {
    expect(nameIn(Buffer.from('Évora', 'latin1'))).toBe('Évora');
    expect(nameIn(Buffer.from('Évora', 'utf8'))).toBe('Évora');
  });
});

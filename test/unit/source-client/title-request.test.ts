import { describe, expect, it } from 'vitest';
import { plainField, readFields, readTitle } from '../../../server/source-client/title-request.ts';

const percent = (text: string, encoding: BufferEncoding): string =>
  Array.from(Buffer.from(text, encoding), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

describe('a request that sets the title', () => {
  it.each([
    ['song=Cesaria+Evora+-+Sodade', { title: 'Sodade', artist: 'Cesaria Evora' }],
    ['song=Jingle', { title: 'Jingle' }],
    ['song=A - B - C', { title: 'B - C', artist: 'A' }],
    ['artist=A&title=B', { title: 'B', artist: 'A' }],
    ['title=Alone', { title: 'Alone' }],
    ['song=First&title=Second&song=Third', { title: 'First' }],
    ['song=', { title: '' }],
  ])('names it: %s', (query, expected) => {
    expect(readTitle(readFields(query))).toEqual({ type: 'title', ...expected });
  });

  it.each(['', 'artist=A', 'mode=updinfo', '&&=&=x'])('may name none: %j', (query) => {
    expect(readTitle(readFields(query))).toBeNull();
  });

  it.each([
    ['Latin-1 that says so', `song=${percent('Évora', 'latin1')}&charset=ISO-8859-1`, 'Évora'],
    ['Latin-1 that does not', `song=${percent('Évora', 'latin1')}`, 'Évora'],
    ['UTF-8 that says so', `song=${percent('Жизнь', 'utf8')}&charset=UTF-8`, 'Жизнь'],
    ['UTF-8 that does not', `song=${percent('Жизнь', 'utf8')}`, 'Жизнь'],
    ['KOI8-R that says so', 'song=%eb%cf%d4&charset=KOI8-R', 'Кот'],
    ['Latin-1 that says it is UTF-8', `song=${percent('Évora', 'latin1')}&charset=utf-8`, 'Évora'],
    ['a charset that nobody knows', `song=${percent('Évora', 'utf8')}&charset=martian`, 'Évora'],
  ])('is understood in %s', (_name, query, expected) => {
    expect(readTitle(readFields(query))?.title).toBe(expected);
  });

  it('cuts what is too long, and takes garbage as text of one line', () => {
    const long = readTitle(readFields(`song=${'x'.repeat(65_536)}`));
    expect(long?.title).toHaveLength(500);
    const garbage = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).padStart(2, '0')}`).join(
      '',
    );
    expect(readTitle(readFields(`song=${garbage}`))?.title).not.toMatch(/\p{Cc}/u);
    expect(readTitle(readFields('song=%zz%4'))?.title).toBe('%zz%4');
  });

  it('has plain fields', () => {
    const fields = readFields('mount=%2Flive.mp3&mode=updinfo&mount=/other');
    expect(plainField(fields, 'mount')).toBe('/live.mp3');
    expect(plainField(fields, 'charset')).toBeNull();
  });
});

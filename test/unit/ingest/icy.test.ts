import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IcySplitter, readIcyTitle } from '../../../server/ingest/icy.ts';
import { seeded } from '../../support/property.ts';

const bytesOf = (text: string, encoding: BufferEncoding = 'utf8'): Uint8Array =>
  new Uint8Array(Buffer.from(text, encoding));

function metadata(text: string): Uint8Array {
  const block = bytesOf(text);
  const padded = new Uint8Array(Math.ceil(block.length / 16) * 16);
  padded.set(block);
  return new Uint8Array(Buffer.concat([Uint8Array.of(padded.length / 16), padded]));
}

describe('ICY metadata', () => {
  it('is taken out of the sound exactly, however the bytes are cut up, and lands where it stood', () => {
    const sound = Uint8Array.from({ length: 400 }, (_, index) => index & 0xff);
    const parts = [
      metadata("StreamTitle='A - One';"),
      Uint8Array.of(0),
      metadata("StreamTitle='Two';StreamUrl='';"),
    ];
    const body = Buffer.concat([
      ...parts.flatMap((part, index) => [sound.subarray(index * 100, index * 100 + 100), part]),
      sound.subarray(300),
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1 }), (cuts) => {
        const splitter = new IcySplitter(100);
        let soundBytes = 0;
        const titles: unknown[] = [];
        for (let offset = 0, turn = 0; offset < body.length; turn++) {
          const end = offset + (cuts[turn % cuts.length] ?? 1);
          for (const part of splitter.push(body.subarray(offset, end))) {
            if (part.type === 'title') titles.push([soundBytes, part.title]);
            else {
              expect(
                Buffer.compare(part.bytes, sound.subarray(soundBytes, soundBytes + part.bytes.length)),
              ).toBe(0);
              soundBytes += part.bytes.length;
            }
          }
          offset = end;
        }
        expect(soundBytes).toBe(400);
        expect(titles).toEqual([
          [100, 'One'],
          [300, 'Two'],
        ]);
      }),
      seeded('ICY cuts'),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 21])('an interval of %d bytes is refused', (interval) => {
    expect(() => new IcySplitter(interval)).toThrow(/Cannot read icy-metaint/u);
  });
});

describe('an ICY title', () => {
  it.each([
    ["StreamTitle='Artist - Title';", 'Title', 'Artist'],
    ["StreamTitle='A - B - C';StreamUrl='';", 'B - C', 'A'],
    ["StreamTitle='Jingle';", 'Jingle', undefined],
    ["StreamTitle='D'dor d'amor';StreamUrl='http://x/';", "D'dor d'amor", undefined],
    ["StreamTitle='It's 5 o'clock'; really';", "It's 5 o'clock'; really", undefined],
    ["StreamTitle='cut sho", 'cut sho', undefined],
    ["StreamUrl='x';StreamTitle='After';", 'After', undefined],
    ["StreamTitle='';", '', undefined],
    ["StreamTitle='two\r\nlines\u0000';", 'two lines', undefined],
  ])('%j is read', (text, title, artist) => {
    const expected = artist === undefined ? { type: 'title', title } : { type: 'title', title, artist };
    expect(readIcyTitle(bytesOf(text))).toEqual(expected);
  });

  it('is UTF-8 if it can be, else Windows-1252', () => {
    expect(readIcyTitle(bytesOf("StreamTitle='Évora';"))).toMatchObject({ title: 'Évora' });
    expect(readIcyTitle(bytesOf("StreamTitle='\u00c9vora \u0080';", 'latin1'))).toMatchObject({
      title: 'Évora €',
    });
  });

  it('is null where no title is named', () => {
    expect(readIcyTitle(bytesOf("StreamUrl='x';"))).toBeNull();
    expect(readIcyTitle(new Uint8Array(0))).toBeNull();
  });

  it('is bounded, and reading any text takes little time', () => {
    const long = readIcyTitle(bytesOf(`StreamTitle='${"';".repeat(1900)}';`));
    expect(long?.title.length).toBeLessThanOrEqual(500);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4080 }), (text) => {
        readIcyTitle(text);
      }),
      seeded('any ICY text'),
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ICY_INTERVAL_BYTES, IcyBlocks, icyText, shownTitle } from '../../../server/icecast/icy-blocks.ts';
import { IcySplitter } from '../../../server/ingest/icy.ts';
import { titleFrom } from '../../../server/station/title.ts';
import { seeded } from '../../support/property.ts';

const text = (title: string, artworkUrl = ''): Uint8Array =>
  icyText(titleFrom({ title, artworkUrl }), 'Radio');

/** As a player reads it. */
function read(parts: readonly Uint8Array[]): { readonly sound: Buffer; readonly titles: readonly string[] } {
  const found = new IcySplitter(ICY_INTERVAL_BYTES).push(Buffer.concat(parts));
  return {
    sound: Buffer.concat(found.flatMap((part) => (part.type === 'sound' ? [part.bytes] : []))),
    titles: found.flatMap((part) => (part.type === 'title' ? [part.title] : [])),
  };
}

describe('ICY blocks', () => {
  it('leave the sound as it was, however it is cut, and say each title once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 12 }), (lengths) => {
        const blocks = new IcyBlocks(text('first'));
        const sound = lengths.map((length, index) => Buffer.alloc(length, index + 1));
        const parts = sound.flatMap((bytes) => blocks.push(bytes));
        const player = read(parts);
        const whole = Buffer.concat(sound);
        expect(player.sound.equals(whole)).toBe(true);
        expect(player.titles).toEqual(whole.length >= ICY_INTERVAL_BYTES ? ['first'] : []);
      }),
      seeded('ICY blocks'),
    );
  });

  it('say a changed title in the next block, and an unchanged one not again', () => {
    const blocks = new IcyBlocks(text('one'));
    const sound = new Uint8Array(ICY_INTERVAL_BYTES);
    const parts = [...blocks.push(sound)];
    blocks.setText(text('one'));
    parts.push(...blocks.push(sound));
    blocks.setText(text('two'));
    parts.push(...blocks.push(sound), ...blocks.push(sound));
    expect(read(parts).titles).toEqual(['one', 'two']);
    expect(Buffer.concat(parts).length).toBe(
      4 * ICY_INTERVAL_BYTES + text('one').length + text('two').length + 2,
    );
  });

  it.each([
    ["it's; 'quoted'", "it's; 'quoted'"],
    ["ends'; early", "ends' ; early"],
    ['Ünïcödé 夏 🌙', 'Ünïcödé 夏 🌙'],
    ['', 'Radio'],
  ])('carry the title %s as a player can read it', (title, read_) => {
    const blocks = new IcyBlocks(text(title));
    expect(read(blocks.push(new Uint8Array(ICY_INTERVAL_BYTES))).titles).toEqual([read_]);
  });

  it('leave out an artwork that does not fit, rather than the title', () => {
    const long = titleFrom({ title: '夏'.repeat(300), artist: '🌙'.repeat(300) });
    const fits = icyText({ ...long, artworkUrl: 'https://radio.example/1.jpg' }, 'Radio');
    expect(Buffer.from(fits).toString()).toContain("StreamUrl='https://radio.example/1.jpg';");
    const tooLong = icyText({ ...long, artworkUrl: `https://radio.example/${'a'.repeat(2000)}` }, 'Radio');
    expect(Buffer.from(tooLong).toString()).toContain("夏';");
    expect(tooLong.length).toBeLessThanOrEqual(1 + 255 * 16);
  });
});

describe('the title that the old world sees', () => {
  it('is artist and title, what there is of them, or the station’s name: never empty', () => {
    expect(shownTitle({ title: 'Tide', artist: 'Someone' }, 'Radio')).toBe('Someone - Tide');
    expect(shownTitle({ title: 'Tide', artist: '' }, 'Radio')).toBe('Tide');
    expect(shownTitle({ title: '', artist: 'Someone' }, 'Radio')).toBe('Someone');
    expect(shownTitle({ title: '', artist: '' }, 'Radio')).toBe('Radio');
  });
});

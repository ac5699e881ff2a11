import { describe, expect, it } from 'vitest';
import { LOGO_LENGTH_MAX, readLogo } from '../../../server/page/logo.ts';
import { LOGO_FILE_PATTERN } from '../../../shared/station/page.ts';
import { madePng, madeSvg } from '../../support/made-pictures.ts';

/** The first bytes of each kind of WebP, for a picture of 300 × 200. */
const WEBP = {
  lossy: '52494646000000005745425056503820000000000000009d012a2c01c800',
  lossless: '5249464600000000574542505650384c000000002f2bc1310000000000',
  extended: '524946460000000057454250565038580a000000100000002b0100c70000',
} as const;

describe('a logo', () => {
  it('is what is in it, whatever its name, and is named by it', () => {
    const png = readLogo(madePng(64, 32));
    expect(png).toMatchObject({ contentType: 'image/png', size: { width: 64, height: 32 } });
    expect(png.file).toMatch(LOGO_FILE_PATTERN);
    expect(readLogo(madePng(64, 33)).file).not.toBe(png.file);
    expect(readLogo(Buffer.from(madeSvg()))).toMatchObject({ contentType: 'image/svg+xml', size: null });
  });

  it.each(Object.entries(WEBP))('may be a %s WebP', (_, bytes) => {
    const body = Buffer.concat([Buffer.from(bytes, 'hex'), Buffer.alloc(8)]);
    expect(readLogo(body)).toMatchObject({ contentType: 'image/webp', size: { width: 300, height: 200 } });
  });

  it('may be an SVG as programs write them: declared, commented, with a document type', () => {
    const written = `<?xml version="1.0"?>\n<!-- Inkscape -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n${madeSvg()}`;
    expect(readLogo(Buffer.from(written)).contentType).toBe('image/svg+xml');
  });

  it.each([
    ['a page', '<!doctype html><html><svg></svg></html>'],
    ['a photograph', '\xff\xd8\xff\xe0JFIF'],
    ['nothing', ''],
  ])('is not %s', (_, text) => {
    expect(() => readLogo(Buffer.from(text, 'latin1'))).toThrow(
      'Cannot take a logo that is not SVG, PNG or WebP',
    );
  });

  it('is small', () => {
    const svg = madeSvg(`<!--${'x'.repeat(LOGO_LENGTH_MAX)}-->`);
    expect(() => readLogo(Buffer.from(svg))).toThrow(
      `Cannot take a logo of more than ${LOGO_LENGTH_MAX} bytes: current value is ${svg.length}`,
    );
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../server/config/config-file.ts';
import type { StationConfig } from '../../../server/config/config.ts';
import { PLAIN_PAGE } from '../../../shared/station/page.ts';
import { madeSvg } from '../../support/made-pictures.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-config-'));
  writeFileSync(join(folder, 'logo.svg'), madeSvg());
  writeFileSync(join(folder, 'logo.txt'), 'my radio');
});
afterAll(() => rmSync(folder, { recursive: true }));

function stationWith(page: unknown): StationConfig | undefined {
  const station = { id: 'radio', name: 'Radio', mounts: [{ path: '/live.mp3', sources: ['demo'] }], page };
  return parseConfig(JSON.stringify({ stations: [station] }), 'essaim.json', folder).stations[0];
}

describe('a station’s page in the configuration', () => {
  it('is ours until it says otherwise', () => {
    expect(stationWith(undefined)).toMatchObject({ page: PLAIN_PAGE, logo: null });
  });

  it('has a colour, a logo beside the file, texts and links', () => {
    const station = stationWith({
      accent: '#0b7a75',
      logo: 'logo.svg',
      lead: 'Une radio',
      about: { fr: 'Depuis 1987.', en: 'Since 1987.' },
      website: 'https://radio.example',
      fediverse: 'https://social.example/@radio',
      contact: 'bonjour@radio.example',
    });
    expect(station?.logo?.contentType).toBe('image/svg+xml');
    expect(station?.page).toEqual({
      accent: { light: { fill: '#0b7a75', ink: '#ffffff' }, dark: { fill: '#0b7a75', ink: '#ffffff' } },
      logo: { file: station?.logo?.file, size: null },
      lead: { und: 'Une radio' },
      about: { fr: 'Depuis 1987.', en: 'Since 1987.' },
      links: {
        website: 'https://radio.example',
        fediverse: 'https://social.example/@radio',
        contact: 'mailto:bonjour@radio.example',
      },
    });
  });

  it.each([
    [
      { accent: { light: '#fffefa', dark: '#ffc040' } },
      'stations[0].page.accent.light: must be darker: its contrast with the light ground is 1.07, and must be at least 1.5: current value is "#fffefa"',
    ],
    [{ accent: { light: '#0b7a75', dark: '#000' } }, 'stations[0].page.accent.dark: must be lighter'],
    [{ accent: 'teal' }, 'stations[0].page.accent: must be a colour like "#ffb81f"'],
    [{ accent: 'url(https://tracker.example)' }, 'stations[0].page.accent: must be a colour'],
    [{ website: 'javascript:alert(1)' }, 'stations[0].page.website: must be an http:// or https:// address'],
    [{ contact: 'ring twice' }, 'stations[0].page.contact: must be an e-mail address'],
    [{ lead: { french: 'x' } }, 'stations[0].page.lead: must be a text of at most 500 characters'],
    [{ acent: '#fff' }, 'stations[0].page: unknown field "acent" (did you mean "accent"?)'],
    [{ logo: 'none.svg' }, 'as stations[0].page.logo: ENOENT'],
    [{ logo: 'logo.txt' }, 'as stations[0].page.logo: Cannot take a logo that is not SVG, PNG or WebP'],
  ])('%j is refused, and the field named', (page, message) => {
    expect(() => stationWith(page)).toThrow(message);
  });
});

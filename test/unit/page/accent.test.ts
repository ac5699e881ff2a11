import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accentOf,
  contrast,
  DARK_CONTRAST_MIN,
  DARK_GROUND,
  INK,
  INK_CONTRAST_MIN,
  LIGHT_CONTRAST_MIN,
  LIGHT_GROUND,
  whyUnseen,
} from '../../../server/page/accent.ts';
import { seeded } from '../../support/property.ts';

const colour = fc
  .integer({ min: 0, max: 0xffffff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe('a station’s accent', () => {
  it('is measured by WCAG’s contrast', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#ffffff', '#767676')).toBeCloseTo(4.54, 2);
    expect(contrast('#ff0000', '#ff0000')).toBe(1);
  });

  it('of any colour can be read on, and seen on both grounds', () => {
    fc.assert(
      fc.property(colour, (chosen) => {
        const { light, dark } = accentOf(chosen);
        for (const { fill, ink } of [light, dark])
          expect(contrast(fill, ink)).toBeGreaterThanOrEqual(INK_CONTRAST_MIN);
        expect(contrast(light.fill, LIGHT_GROUND)).toBeGreaterThanOrEqual(LIGHT_CONTRAST_MIN);
        expect(contrast(dark.fill, DARK_GROUND)).toBeGreaterThanOrEqual(DARK_CONTRAST_MIN);
      }),
      seeded('accent'),
    );
  });

  it('is left as it is where it can be seen, and gets our ink where that can be read', () => {
    expect(accentOf('#ffb81f').light).toEqual({ fill: '#ffb81f', ink: INK });
    expect(accentOf('#0b7a75').light).toEqual({ fill: '#0b7a75', ink: '#ffffff' });
    expect(accentOf('#FFF').light.fill).not.toBe('#ffffff');
    expect(accentOf('#001133').dark.fill).not.toBe('#001133');
  });

  it('that cannot be seen says why', () => {
    expect(whyUnseen('#ffffff', 'light')).toBe(
      'must be darker: its contrast with the light ground is 1.08, and must be at least 1.5',
    );
    expect(whyUnseen('#001133', 'dark')).toMatch(/^must be lighter/);
    expect(whyUnseen('#0b7a75', 'dark')).toBeNull();
  });

  it('is measured against the grounds and the ink that are drawn', () => {
    const tokens = readFileSync(new URL('../../../client/design/tokens.css', import.meta.url), 'utf8');
    expect(tokens).toContain(`--station-ground-light, ${LIGHT_GROUND}`);
    expect(tokens).toContain(`--station-ground-dark, ${DARK_GROUND}`);
    expect(tokens).toContain(`--station-accent-ink-light, ${INK}`);
  });
});

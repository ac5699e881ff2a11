import { describe, expect, it } from 'vitest';
import {
  elementPolicy,
  elementSnippet,
  FRAME_SANDBOX,
  frameAddress,
  frameSnippet,
} from '../../../shared/embed/snippet.ts';

const TARGET = {
  publicUrl: 'https://radio.example',
  station: { id: 'radio', name: 'Radio "Exemple" <3', publicKey: 'A'.repeat(43) },
};

describe('snippet', () => {
  it('of the element is two lines with the station and its key, and nothing that is the default', () => {
    expect(elementSnippet(TARGET)).toBe(
      '<script type="module" src="https://radio.example/widget.js"></script>\n' +
        `<essaim-player station="radio" key="${'A'.repeat(43)}"></essaim-player>`,
    );
    expect(elementSnippet(TARGET, { theme: 'dark', compact: true, language: 'fr', relay: 'off' })).toContain(
      'theme="dark" compact language="fr" relay="off"></essaim-player>',
    );
  });

  it('of the frame lets no text of a station become markup', () => {
    const html = frameSnippet(TARGET, { compact: true });
    expect(html.match(/[<>]/g)).toHaveLength(4);
    expect(html).toContain('title="Radio &quot;Exemple&quot; &lt;3"');
    expect(html).toContain('src="https://radio.example/embed/radio?compact"');
  });

  it('of the frame gives it no more than it needs', () => {
    expect(FRAME_SANDBOX).not.toMatch(/forms|downloads|top-navigation|modals/);
    expect(frameSnippet(TARGET)).toContain(`sandbox="${FRAME_SANDBOX}"`);
  });

  it('says options of the frame in its address', () => {
    expect(frameAddress(TARGET)).toBe('https://radio.example/embed/radio');
    expect(frameAddress(TARGET, { theme: 'light', language: 'fr', relay: 'off' })).toBe(
      'https://radio.example/embed/radio?theme=light&language=fr&relay=off',
    );
  });

  it('names all that a strict policy has to let through, and no inline style or script', () => {
    expect(elementPolicy('https://radio.example/essaim')).toBe(
      'script-src https://radio.example; connect-src https://radio.example wss://radio.example; ' +
        'font-src https://radio.example; img-src https://radio.example; media-src blob:',
    );
  });
});

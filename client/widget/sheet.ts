import text from './widget.css?inline';

let sheet: CSSStyleSheet | null = null;

/**
 * The widget's styles, one sheet for all widgets of a page. Adopted, so that a policy without `unsafe-inline` lets
 * them be; in sizes of our own, as the page's root may have any (62.5 % is a habit of themes).
 */
export function widgetSheet(): CSSStyleSheet {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(text.replaceAll(/(-?[\d.]+)rem\b/g, 'calc($1 * var(--essaim-size, 16px))'));
  }
  return sheet;
}

/** The station's own colours for one widget; what the partner's page says of the same goes before them. */
export function coloursSheet(colours: Readonly<Record<string, string>>): CSSStyleSheet {
  const own = new CSSStyleSheet();
  own.replaceSync(
    `:host{${Object.entries(colours)
      .map(([name, colour]) => `${name}:${colour}`)
      .join(';')}}`,
  );
  return own;
}

const FONT = 'Bricolage Grotesque';
const LATIN_EXTENDED = 'U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+1E00-1EFF, U+2020';

/** In a shadow root, faces of its own do not count: the document gets ours, and loads it when it is drawn. */
export function addFonts(): void {
  for (const face of document.fonts) if (face.family.replaceAll('"', '') === FONT) return;
  const latin = new URL('../design/fonts/bricolage-grotesque-latin.woff2', import.meta.url);
  const extended = new URL('../design/fonts/bricolage-grotesque-latin-ext.woff2', import.meta.url);
  const shared = { weight: '200 800', display: 'swap' } as const;
  document.fonts.add(
    new FontFace(FONT, `url("${extended.href}")`, { ...shared, unicodeRange: LATIN_EXTENDED }),
  );
  document.fonts.add(new FontFace(FONT, `url("${latin.href}")`, shared));
}

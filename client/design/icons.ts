/** Our own icons, on a grid of 24, drawn with a line of 1.75 in the colour of the text around them. */
export type IconName = keyof typeof SHAPES;

interface Shape {
  /** A path's `d`. */
  readonly path: string;
  /** Filled, too. */
  readonly isSolid?: boolean;
}

const SHAPES = {
  play: [{ path: 'M8 5.2v13.6L18.8 12z', isSolid: true }],
  pause: [
    { path: 'M7.5 6h2.4v12H7.5z', isSolid: true },
    { path: 'M14.1 6h2.4v12h-2.4z', isSolid: true },
  ],
  stop: [{ path: 'M7 7h10v10H7z', isSolid: true }],
  /** The sound goes on to others. */
  relay: [
    { path: 'M4.5 6.2v11.6L13 12z', isSolid: true },
    { path: 'M15.5 8.2a5.6 5.6 0 0 1 0 7.6' },
    { path: 'M18.4 5.4a9.6 9.6 0 0 1 0 13.2' },
  ],
  volume: [
    { path: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z', isSolid: true },
    { path: 'M15 9a4.2 4.2 0 0 1 0 6' },
    { path: 'M17.6 6.4a8 8 0 0 1 0 11.2' },
  ],
  muted: [
    { path: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z', isSolid: true },
    { path: 'M15.5 9.5l5 5M20.5 9.5l-5 5' },
  ],
  live: [{ path: 'M5 5.5v13L14 12z', isSolid: true }, { path: 'M18.5 5.5v13' }],
  sleep: [{ path: 'M19.5 14.4A8 8 0 0 1 9.6 4.5a8 8 0 1 0 9.9 9.9z' }],
  history: [{ path: 'M4 6.5h16M4 12h16M4 17.5h10' }],
  share: [{ path: 'M12 15V4.5M8 8l4-3.8L16 8' }, { path: 'M5 13v6.5h14V13' }],
  settings: [
    { path: 'M4 7.5h9M19 7.5h1M4 16.5h1M11 16.5h9' },
    { path: 'M16 5.2a2.3 2.3 0 1 0 0 4.6a2.3 2.3 0 1 0 0-4.6z' },
    { path: 'M8 14.2a2.3 2.3 0 1 0 0 4.6a2.3 2.3 0 1 0 0-4.6z' },
  ],
  close: [{ path: 'M6 6l12 12M18 6L6 18' }],
} satisfies Readonly<Record<string, readonly Shape[]>>;

const SVG = 'http://www.w3.org/2000/svg';

/** A new picture of an icon, hidden from screen readers: the words beside it say what it does. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('es-icon');
  const shapes: readonly Shape[] = SHAPES[name];
  for (const { path, isSolid = false } of shapes) {
    const element = document.createElementNS(SVG, 'path');
    element.setAttribute('d', path);
    if (isSolid) element.classList.add('es-icon-solid');
    svg.append(element);
  }
  return svg;
}

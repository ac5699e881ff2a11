import { LIGHT_GROUND } from './accent.ts';
import type { Logo } from './logo.ts';

/** Of an icon's side: what a system may cut away around a maskable one stays free (a circle of 80 %). */
const SAFE_SHARE = 0.56;
const SIDE = 512;

/**
 * A station's logo on a square ground, as an icon for home screens: fit to be cut to a circle. A picture in a picture,
 * so any logo will do, and none has to be drawn anew.
 */
export function icon({ body, contentType }: Logo): string {
  const side = Math.round(SIDE * SAFE_SHARE);
  const at = (SIDE - side) / 2;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIDE} ${SIDE}">` +
    `<rect width="${SIDE}" height="${SIDE}" fill="${LIGHT_GROUND}"/>` +
    `<image x="${at}" y="${at}" width="${side}" height="${side}" href="data:${contentType};base64,${body.toString('base64')}"/>` +
    '</svg>'
  );
}

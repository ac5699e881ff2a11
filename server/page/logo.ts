import { createHash } from 'node:crypto';
import type { StationLogo } from '../../shared/station/page.ts';

/** A station's logo, as it is served. */
export interface Logo extends StationLogo {
  readonly body: Buffer<ArrayBuffer>;
  readonly contentType: string;
}

/** As much as all of the page's JavaScript; and it travels to fed relays in one message. */
export const LOGO_LENGTH_MAX = 65_536;

const KINDS = [
  { extension: 'png', contentType: 'image/png', is: isPng, size: pngSize },
  { extension: 'webp', contentType: 'image/webp', is: isWebp, size: webpSize },
  { extension: 'svg', contentType: 'image/svg+xml', is: isSvg, size: () => null },
] as const;

/**
 * Its kind is told by what is in it, not by a name.
 * @throws Error saying what a logo must be.
 */
export function readLogo(bytes: Uint8Array): Logo {
  if (bytes.length > LOGO_LENGTH_MAX)
    throw new Error(
      `Cannot take a logo of more than ${LOGO_LENGTH_MAX} bytes: current value is ${bytes.length}`,
    );
  const body = Buffer.from(Uint8Array.from(bytes).buffer);
  const kind = KINDS.find(({ is }) => is(body));
  if (kind === undefined)
    throw new Error(
      `Cannot take a logo that is not SVG, PNG or WebP: current value begins with ${JSON.stringify(body.toString('latin1', 0, 8))}`,
    );
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return {
    body,
    contentType: kind.contentType,
    file: `logo-${hash}.${kind.extension}`,
    size: kind.size(body),
  };
}

function isPng(body: Buffer): boolean {
  return body.length >= 24 && body.toString('latin1', 0, 8) === '\x89PNG\r\n\x1A\n';
}

function pngSize(body: Buffer): StationLogo['size'] {
  return { width: body.readUInt32BE(16), height: body.readUInt32BE(20) };
}

function isWebp(body: Buffer): boolean {
  return (
    body.length >= 30 && body.toString('latin1', 0, 4) === 'RIFF' && body.toString('latin1', 8, 12) === 'WEBP'
  );
}

/** By the kind of the first chunk (https://developers.google.com/speed/webp/docs/riff_container). */
function webpSize(body: Buffer): StationLogo['size'] {
  switch (body.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: body.readUIntLE(24, 3) + 1, height: body.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      const bits = body.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return { width: body.readUInt16LE(26) & 0x3fff, height: body.readUInt16LE(28) & 0x3fff };
    default:
      return null;
  }
}

/** XML whose root is `svg`, after a declaration, comments and a document type. */
function isSvg(body: Buffer): boolean {
  return /^\uFEFF?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*|<!DOCTYPE[^>[]*(?:\[[^\]]*\])?>\s*)*<svg[\s>]/i.test(
    body.toString('utf8'),
  );
}

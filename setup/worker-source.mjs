import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nativeFolder } from './paths.mjs';
import { replaceOnce } from './patch.mjs';
import { mesonBuildOf, standIns, wrapDirectory } from './stand-ins.mjs';

/**
 * Copies the mediasoup package's worker sources to `target` and adapts them to Debian's libraries.
 *
 * @param {string} packageFolder `node_modules/mediasoup`
 * @param {string} target a folder of our own; what stands there is written over
 */
export function prepareWorkerSource(packageFolder, target) {
  cpSync(join(packageFolder, 'worker'), target, { recursive: true });
  for (const { file, search, replacement } of patches) {
    const path = join(target, file);
    writeFileSync(path, replaceOnce(readFileSync(path, 'utf8'), search, replacement, file));
  }
  for (const standIn of standIns) writeStandIn(target, standIn);
}

/** @type {readonly { file: string, search: string, replacement: string }[]} */
const patches = [
  // Nothing that this build uses came with Meson 1.1; Debian 12 has 1.0.1.
  { file: 'meson.build', search: `meson_version: '>= 1.1.0'`, replacement: `meson_version: '>= 1.0.0'` },
  // OpenSSL passes BIO_CB_RETURN as a bit beside the operation. Where it is built with kernel TLS, it makes
  // BIO control calls whose result matters, and answering 1 to them crashes the first DTLS handshake.
  {
    file: 'src/RTC/DtlsTransport.cpp',
    search: '(operationType == BIO_CB_RETURN)',
    replacement: '((operationType & BIO_CB_RETURN) != 0)',
  },
];

/**
 * @param {string} target
 * @param {import('./stand-ins.mjs').StandIn} standIn
 */
function writeStandIn(target, standIn) {
  const wrapFile = join('subprojects', `${standIn.wrap}.wrap`);
  const folder = join(
    target,
    'subprojects',
    wrapDirectory(readFileSync(join(target, wrapFile), 'utf8'), wrapFile),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'meson.build'), mesonBuildOf(standIn));
  if (standIn.options.length > 0)
    writeFileSync(join(folder, 'meson_options.txt'), `${standIn.options.join('\n')}\n`);
  if (standIn.linkedWhole.length > 0) writeFileSync(join(folder, 'empty.c'), 'typedef int essaim_empty;\n');
  for (const [source, header] of standIn.headers) {
    const path = join(folder, header);
    mkdirSync(dirname(path), { recursive: true });
    cpSync(join(nativeFolder, source), path);
  }
}

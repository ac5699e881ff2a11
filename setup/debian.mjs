import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { complain, say } from './report.mjs';
import { CommandFailed, run, stopSignal } from './process.mjs';

/** What the worker's system-library build needs. */
export const workerPackages = /** @type {const} */ ([
  'flatbuffers-compiler',
  'g++',
  'libflatbuffers-dev',
  'libsrtp2-dev',
  'libssl-dev',
  'libuv1-dev',
  'meson',
  'ninja-build',
  'pkg-config',
]);

/** What the tests run against. `iproute2` and `util-linux` make their private network. */
export const testPackages = /** @type {const} */ ([
  'butt',
  'caddy',
  'chromium',
  'curl',
  'ezstream',
  'ffmpeg',
  'firefox-esr',
  'gstreamer1.0-plugins-base',
  'gstreamer1.0-plugins-good',
  'gstreamer1.0-tools',
  'icecast2',
  'ices2',
  'iproute2',
  'jackd2',
  'liquidsoap',
  'mpv',
  'nftables',
  'nginx',
  'openssl',
  'procps',
  'systemd',
  'util-linux',
  'vlc-bin',
  'vlc-plugin-base',
  'xvfb',
]);

/** Of these, what Debian would start by itself: the tests start their own. */
const SERVICES = ['caddy', 'icecast2', 'nginx'];

/** Packages are missing and we may not install them: `message` has the command that does. */
export class PackagesMissing extends Error {}

/**
 * Makes sure that Debian packages are installed.
 *
 * @param {readonly string[]} wanted
 * @param {string} purpose completes the sentence "Cannot … as"
 * @param {readonly string[]} [soonWanted] asked for in the same message, so that the user is asked once
 * @returns {Promise<boolean>} whether anything had to be done
 * @throws {PackagesMissing} when some are missing and we are not root
 */
export async function ensurePackages(wanted, purpose, soonWanted = []) {
  const missing = missingPackages(wanted, await installedPackages(wanted));
  if (missing.length === 0) return false;
  if (process.getuid?.() !== 0) {
    const all = [...wanted, ...soonWanted];
    throw new PackagesMissing(missingMessage(missingPackages(all, await installedPackages(all)), purpose));
  }
  say(`installing Debian packages: ${missing.join(' ')}`);
  await install(missing);
  return true;
}

/**
 * @param {readonly string[]} wanted
 * @param {string} dpkgListing lines of `package status`, as `installedPackages` gets them
 * @returns {string[]}
 */
export function missingPackages(wanted, dpkgListing) {
  const installed = new Set(
    dpkgListing
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([, status]) => status === 'installed')
      .map(([name]) => name),
  );
  return wanted.filter((name) => !installed.has(name));
}

/**
 * @param {readonly string[]} missing
 * @param {string} purpose
 * @returns {string}
 */
export function missingMessage(missing, purpose) {
  return `Cannot ${purpose} as Debian packages are missing and only root may install them. Run:\n\n  sudo apt-get install --no-install-recommends ${missing.join(' ')}\n`;
}

/** @param {readonly string[]} names */
async function installedPackages(names) {
  try {
    return await run(
      'dpkg-query',
      ['--show', '--showformat', '${Package} ${db:Status-Status}\\n', ...names],
      {
        quiet: true,
      },
    );
  } catch (error) {
    // It exits 1 when it does not know one of them, after listing the others; elsewhere it does not exist.
    if (error instanceof CommandFailed) return error.output;
    throw error;
  }
}

/** @param {readonly string[]} names */
async function install(names) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const apt = ['--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];
  await run('apt-get', ['update', '-q'], { env, quiet: true });
  // The long part may be stopped at any moment; from here on a stop waits for dpkg, which must not be cut.
  await run('apt-get', ['install', '-q', '--download-only', ...apt, ...names], { env, quiet: true });
  stopSignal.addEventListener('abort', explainDelay);
  const services = names.filter((name) => SERVICES.includes(name));
  const forbidden = services.length > 0 && forbidServices();
  try {
    // Left by a power cut, perhaps; does nothing on a healthy system.
    await run('dpkg', ['--configure', '-a'], { env, quiet: true, uninterruptible: true });
    await run('apt-get', ['install', '-q', ...apt, ...names], { env, quiet: true, uninterruptible: true });
  } finally {
    stopSignal.removeEventListener('abort', explainDelay);
    if (forbidden) rmSync(policyFile, { force: true });
  }
  if (services.length > 0 && existsSync('/run/systemd/system')) {
    await run('systemctl', ['disable', '--now', ...services], { quiet: true }).catch(
      (/** @type {Error} */ error) =>
        complain(
          `${services.join(', ')} will start at boot, as they could not be disabled: ${error.message}`,
        ),
    );
  }
}

function explainDelay() {
  say('stopping as soon as the Debian packages are in place');
}

const policyFile = '/usr/sbin/policy-rc.d';
const policyText =
  '#!/bin/sh\n# Written by the set-up of Essaim while it installs packages: no service may be started.\nexit 101\n';

/**
 * The tests start an Icecast of their own, so the packaged service must not run: Debian asks this file.
 *
 * @returns {boolean} whether the file is ours to remove
 */
function forbidServices() {
  if (existsSync(policyFile)) return readFileSync(policyFile, 'utf8') === policyText;
  writeFileSync(policyFile, policyText, { mode: 0o755 });
  return true;
}

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { Plugin } from 'vite';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Builds page, widget, builder and frame as they are served. The result is the folder they are in. */
export async function buildPage(plugins: readonly Plugin[] = []): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'essaim-page-'));
  await build({
    root: join(ROOT, 'client'),
    configFile: join(ROOT, 'client/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir },
    plugins: [...plugins],
  });
  return outDir;
}

/** Puts a scripted listener in the place of the swarm. */
export const SCRIPTED_LISTENER: Plugin = {
  name: 'scripted-listener',
  enforce: 'pre',
  resolveId: (source) =>
    source.endsWith('/open-listener.ts') ? join(ROOT, 'test/support/scripted-listener.ts') : null,
  // One test's page must not be kept for the next.
  load: (id) => (id.endsWith('/kept-copy.ts') ? 'export const keepCopy = async () => undefined;' : null),
};

/** Builds the real page with a scripted listener in the place of the swarm. The result is the folder it is in. */
export const buildScriptedPage = (): Promise<string> => buildPage([SCRIPTED_LISTENER]);

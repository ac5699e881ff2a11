import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Builds the real page with a scripted listener in the place of the swarm. The result is the folder it is in. */
export async function buildScriptedPage(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'essaim-page-'));
  await build({
    root: join(ROOT, 'client'),
    configFile: join(ROOT, 'client/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir },
    plugins: [
      {
        name: 'scripted-listener',
        enforce: 'pre',
        resolveId: (source) =>
          source.endsWith('/open-listener.ts') ? join(ROOT, 'test/support/scripted-listener.ts') : null,
        // One test's page must not be kept for the next.
        load: (id) =>
          id.endsWith('/kept-copy.ts') ? 'export const keepCopy = async () => undefined;' : null,
      },
    ],
  });
  return outDir;
}

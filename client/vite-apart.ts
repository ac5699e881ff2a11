import { build } from 'vite';
import type { InlineConfig, Plugin } from 'vite';

/**
 * What is built into the same folder after the page, each in a build of its own, so that it is one file whose name
 * stays, and holds nothing that only the page needs.
 */
export function apart(name: string, configured: InlineConfig['build']): Plugin {
  let root = '';
  let outDir = '';
  return {
    name,
    apply: 'build',
    configResolved(config) {
      root = config.root;
      outDir = config.build.outDir;
    },
    async closeBundle() {
      await build({
        root,
        configFile: false,
        logLevel: 'warn',
        base: './',
        publicDir: false,
        build: {
          outDir,
          emptyOutDir: false,
          target: 'es2022',
          assetsInlineLimit: 0,
          // No links for preloading in a partner's page: its policy and its head are its own.
          modulePreload: false,
          ...configured,
        },
      });
    },
  };
}

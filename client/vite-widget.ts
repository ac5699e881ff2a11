import { build } from 'vite';
import type { Plugin } from 'vite';

/**
 * Builds the widget into the same folder, after the page: a build of its own, so that `widget.js` is one file and not
 * a chain of those that page and widget share, and holds nothing that only the page needs. Its name stays; what it
 * loads later is named by its content.
 */
export function widget(): Plugin {
  let root = '';
  let outDir = '';
  return {
    name: 'widget',
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
          manifest: '.vite/widget-manifest.json',
          // No links for preloading in a partner's page: its policy and its head are its own.
          modulePreload: false,
          rolldownOptions: {
            input: { widget: 'widget/widget.ts' },
            output: { entryFileNames: '[name].js', chunkFileNames: 'assets/[name]-[hash].js' },
          },
        },
      });
    },
  };
}

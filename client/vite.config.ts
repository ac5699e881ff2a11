import { defineConfig } from 'vite';
import { apart } from './vite-apart.ts';

/**
 * The page and what it loads, into `dist/client`: every script and style in a file of its own (the page's policy
 * allows nothing inline), named by its content, with a manifest for whoever wants to preload. Run as
 * `vite build client`: paths are relative to this folder.
 */
export default defineConfig({
  base: './',
  plugins: [
    apart('widget', {
      manifest: '.vite/widget-manifest.json',
      rolldownOptions: {
        input: { widget: 'widget/widget.ts' },
        output: { entryFileNames: '[name].js', chunkFileNames: 'assets/[name]-[hash].js' },
      },
    }),
    apart('service-worker', {
      rolldownOptions: {
        input: { 'service-worker': 'service-worker/service-worker.ts' },
        // Not a module: not every browser takes one for a service worker.
        output: { entryFileNames: '[name].js', format: 'iife' },
      },
    }),
  ],
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index.html', 'embed.html', 'builder.html', 'relaying.html'] },
  },
});

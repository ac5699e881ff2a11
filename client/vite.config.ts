import { defineConfig } from 'vite';
import { widget } from './vite-widget.ts';

/**
 * The page and what it loads, into `dist/client`: every script and style in a file of its own (the page's policy
 * allows nothing inline), named by its content, with a manifest for whoever wants to preload. Run as
 * `vite build client`: paths are relative to this folder.
 */
export default defineConfig({
  base: './',
  plugins: [widget()],
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

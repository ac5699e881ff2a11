import { defineConfig } from 'vite';

/**
 * The page and what it loads, into `dist/client`: every script and style in a file of its own (the page's policy
 * allows nothing inline), named by its content, with a manifest for whoever wants to preload. Run as
 * `vite build client`: paths are relative to this folder.
 */
export default defineConfig({
  base: './',
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
  },
});

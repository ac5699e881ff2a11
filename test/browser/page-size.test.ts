import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const ROOT = new URL('../../', import.meta.url).pathname;
/** DESIGN's budget: the listener's JavaScript before play, compressed. */
const BEFORE_PLAY_MAX_BYTES = 60_000;
/** What every visit to a partner's page costs, whether anybody listens or not. */
const WIDGET_MAX_BYTES = 12_000;

const manifestSchema = z.record(
  z.string(),
  z.object({
    file: z.string(),
    isEntry: z.boolean().optional(),
    imports: z.array(z.string()).optional(),
    dynamicImports: z.array(z.string()).optional(),
  }),
);
type Manifest = z.infer<typeof manifestSchema>;

let folder: string;
let manifest: Manifest;
let widgetManifest: Manifest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'essaim-size-'));
  await build({
    root: join(ROOT, 'client'),
    configFile: join(ROOT, 'client/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: folder },
  });
  manifest = await readManifest('manifest.json');
  widgetManifest = await readManifest('widget-manifest.json');
});

const readManifest = async (name: string): Promise<Manifest> =>
  manifestSchema.parse(JSON.parse(await readFile(join(folder, '.vite', name), 'utf8')));

const compressedBytes = async (file: string): Promise<number> =>
  gzipSync(await readFile(join(folder, file)), { level: 9 }).length;

/** A file of the build with everything that it imports at once. */
function withImports(key: string, seen = new Set<string>()): ReadonlySet<string> {
  if (!seen.has(key)) {
    seen.add(key);
    for (const each of manifest[key]?.imports ?? []) withImports(each, seen);
  }
  return seen;
}

/** The longer of the languages: each comes in a file of its own, and one is needed. */
const frenchKey = (): string => Object.keys(manifest).find((key) => /(^|[_/])fr[-.]/.test(key)) ?? 'fr';

test('what is loaded before the sound is at most 60 KB, compressed', async () => {
  const keys = new Set(
    ['index.html', frenchKey(), 'listener/listener.ts', 'listener/browser-environment.ts'].flatMap((key) => [
      ...withImports(key),
    ]),
  );
  const sizes = await Promise.all(
    [...keys].map(async (key) => {
      const file = manifest[key]?.file ?? '';
      return { file, bytes: await compressedBytes(file) };
    }),
  );
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  process.stdout.write(
    `${sizes.map(({ file, bytes }) => `${String(bytes).padStart(7)}  ${file}\n`).join('')}${String(total).padStart(7)}  in all\n`,
  );
  expect(sizes.length).toBeGreaterThanOrEqual(3);
  expect(total).toBeLessThanOrEqual(BEFORE_PLAY_MAX_BYTES);
});

test('containers, links, seeding, sheets and the debug handle come only when they are needed', () => {
  const atOnce = new Set(
    ['index.html', 'listener/listener.ts', 'listener/browser-environment.ts'].flatMap((key) => [
      ...withImports(key),
    ]),
  );
  for (const late of [
    'playback/container.ts',
    'page/debug.ts',
    'page/sheet-contents.ts',
    'listener/browser-peers.ts',
  ])
    expect(
      [...atOnce].some((key) => key.endsWith(late)),
      late,
    ).toBe(false);
});

test('a partner’s page loads one file of at most 12 KB before anybody wants to listen, and its language', async () => {
  const loader = widgetManifest['widget/widget.ts'];
  expect(loader?.file).toBe('widget.js');
  expect(loader?.imports ?? []).toEqual([]);
  const bytes = await compressedBytes('widget.js');
  const later = await Promise.all(
    ['widget/engine.ts'].map((key) => compressedBytes(widgetManifest[key]?.file ?? '')),
  );
  process.stdout.write(`${bytes} widget.js, ${later.join(' and ')} its French and its player\n`);
  expect(bytes).toBeLessThanOrEqual(WIDGET_MAX_BYTES);
  expect(later.reduce((sum, each) => sum + each, bytes)).toBeLessThanOrEqual(BEFORE_PLAY_MAX_BYTES);
});

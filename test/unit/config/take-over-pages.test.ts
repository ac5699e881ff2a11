import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../server/config/config-file.ts';

const PAGES = ['from-azuracast', 'from-everestcast'];

describe('the pages for those who come from elsewhere', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'essaim-pages-'));
    for (const name of ['admin-password.txt', 'dj-password.txt', 'webhook-token.txt'])
      writeFileSync(join(folder, name), 'secret\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(PAGES)('show configurations that are accepted: %s', (page) => {
    const text = readFileSync(new URL(`../../../.readme/${page}.md`, import.meta.url), 'utf8');
    const examples = Array.from(text.matchAll(/```json\n([\s\S]*?)```/g), ([, json = '']) => json.trim());
    expect(examples.length).toBe(2);
    for (const example of examples)
      expect(parseConfig(completed(example), page, folder).stations[0]?.mounts.length).toBe(1);
  });
});

/** Some examples are a part of a file. */
function completed(example: string): string {
  const station = '{ "id": "radio", "name": "Radio", ';
  if (example.startsWith('"webhookToken"'))
    return `{ "stations": [${station} "nowPlaying": { ${example} }, "mounts": [{ "path": "/live", "sources": ["demo"] }] }] }`;
  if (example.startsWith('{ "path"'))
    return `{ "stations": [${station} "mounts": [${example}] }], "shoutcast": { "mount": "/stream" } }`;
  return example;
}

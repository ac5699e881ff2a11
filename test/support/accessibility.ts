import axe from 'axe-core';
import type { Frame, Page } from 'puppeteer-core';
import { z } from 'zod';

/** What a machine can check of a page's accessibility, and found wrong: one line each, with the elements. */
export async function violations(page: Page | Frame): Promise<readonly string[]> {
  // As an expression of the browser's own tools: the page's policy would not let a script in.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const checker: unknown = Reflect.get(globalThis, 'axe');
    if (typeof checker !== 'object' || checker === null) throw new Error('Cannot find axe-core in the page');
    const results: unknown = await Reflect.apply(Reflect.get(checker, 'run'), checker, []);
    return JSON.stringify(results);
  });
  return foundSchema
    .parse(JSON.parse(found))
    .violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, any }) => `${html} ${any.map(({ message }) => message).join(', ')}`).join(' | ')}`,
    );
}

const foundSchema = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      nodes: z.array(z.object({ html: z.string(), any: z.array(z.object({ message: z.string() })) })),
    }),
  ),
});

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { EdgeEnv } from './api.ts';
import type { EdgeContext } from './edge-context.ts';

export const UPLOAD_TEST_PATH = '/api/upload-test';
/** A relay's uplink shows itself by then; more is refused. */
export const UPLOAD_TEST_BYTES_MAX = 2_000_000;
const AT_ONCE_MAX = 2;
const EACH_ADDRESS_EVERY_MS = 60_000;
const ADDRESSES_MAX = 1_000;
const NO_STORE = { 'Cache-Control': 'no-store' };

/** A sink for random bytes, by which a relay finds out how much it may give: few at once, each address once a minute. */
export function answerUploadTest(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  const seenAt = new Map<string, number>();
  let underWay = 0;
  app.post(UPLOAD_TEST_PATH, async (c) => {
    const { incoming } = c.env;
    const address = edge.forwarding.clientAddress(incoming);
    const now = edge.now();
    if (underWay >= AT_ONCE_MAX || now - (seenAt.get(address) ?? 0) < EACH_ADDRESS_EVERY_MS)
      return c.json({ error: 'Too many upload tests: try again in a minute' }, 429, {
        ...NO_STORE,
        'Retry-After': '60',
        Connection: 'close',
      });
    seenAt.delete(address);
    seenAt.set(address, now);
    const [oldest] = seenAt.keys();
    if (seenAt.size > ADDRESSES_MAX && oldest !== undefined) seenAt.delete(oldest);
    underWay += 1;
    let bytes = 0;
    try {
      for await (const part of c.req.raw.body ?? []) {
        bytes += part.byteLength;
        if (bytes > UPLOAD_TEST_BYTES_MAX)
          return c.json({ error: `At most ${UPLOAD_TEST_BYTES_MAX} bytes are taken` }, 413, {
            ...NO_STORE,
            Connection: 'close',
          });
      }
    } finally {
      underWay -= 1;
    }
    return c.json({ bytes }, 200, NO_STORE);
  });
}

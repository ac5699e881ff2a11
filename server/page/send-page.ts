import type { Context } from 'hono';
import type { EdgeEnv } from '../edge/api.ts';

export const SAFE_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

/** @param headers its policy, above all. */
export const sendPage = (c: Context<EdgeEnv>, html: string, headers: Record<string, string>): Response =>
  // A page holds the live position, and credentials that run out.
  c.html(html, 200, { 'Cache-Control': 'no-store', ...SAFE_HEADERS, ...headers });

export const notBuilt = (c: Context<EdgeEnv>): Response =>
  c.text('The page has not been built yet. Run: npm run build\nThe API and the streams are there.\n', 503, {
    'Cache-Control': 'no-store',
    'Retry-After': '10',
  });

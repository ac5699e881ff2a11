import { config } from 'zod/mini';

/**
 * The page's policy forbids making code from text. Unless it is told so before the first schema is made, the parser
 * tries, and the browser reports a breach: import this before anything else.
 */
config({ jitless: true });

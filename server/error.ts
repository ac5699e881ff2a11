/** What went wrong, in one line for a log or a message. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The `code` that Node puts on errors of the system, e.g. `EADDRINUSE`. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

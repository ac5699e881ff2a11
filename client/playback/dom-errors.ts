/** The browser wants a click before it makes a sound. */
export const isNotAllowed = (error: unknown): boolean => hasName(error, 'NotAllowedError');
/** The element was given something else to do meanwhile. */
export const isAborted = (error: unknown): boolean => hasName(error, 'AbortError');
export const isQuotaExceeded = (error: unknown): boolean => hasName(error, 'QuotaExceededError');

const hasName = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

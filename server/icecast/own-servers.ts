/** Our own servers name themselves like this when they take a stream to pass it on; so they are not counted as ears. */
export const isOwnServer = (userAgent: string): boolean => userAgent.startsWith('Essaim/');

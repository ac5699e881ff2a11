export const RELAYING_PATH = '/relaying';

/** Where a server says in plain words what relaying is, below its own address: for one station, in one language. */
export const relayingAddress = (stationId: string, language: string): string =>
  `${RELAYING_PATH}?station=${stationId}&language=${language}`;

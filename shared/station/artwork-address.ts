export const ARTWORK_NAME = 'artwork';

/**
 * Where a station's server has the artwork that a title names, below its own address: nobody else learns who listens.
 * Empty for a title without.
 */
export const artworkAddress = (stationId: string, artworkUrl: string): string =>
  artworkUrl === '' ? '' : `/stations/${stationId}/${ARTWORK_NAME}?of=${encodeURIComponent(artworkUrl)}`;

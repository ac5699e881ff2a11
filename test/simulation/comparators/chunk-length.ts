import { CHUNK_HEADER_LENGTH, SIGNATURE_LENGTH } from '../../../shared/chunk/chunk.ts';
import { CHUNK_MS } from '../../support/virtual-origin.ts';

/** Comparators carry Essaim's own chunks, bytes: whoever takes sound from strangers has to sign it. */
export const chunkLengthOf = (bitrateKbps: number): number =>
  CHUNK_HEADER_LENGTH + Math.round((bitrateKbps * CHUNK_MS) / 8) + SIGNATURE_LENGTH;

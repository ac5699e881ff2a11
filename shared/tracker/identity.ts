import { peerId } from '../units.ts';
import type { PeerId, RandomSource } from '../units.ts';

/** 64 random bits: with a million peers in all swarms, the odds of two alike are below one in ten million. */
export const newPeerId = (random: RandomSource): PeerId => peerId(hex64(random));

/** What a peer shows to keep its id after a lost connection: 128 random bits. */
export const newSecret = (random: RandomSource): string => hex64(random) + hex64(random);

/** The shortest secret taken from a peer that another tracker, or this one before a restart, gave its id. */
export const SECRET_LENGTH_MIN = 32;

const hex64 = (random: RandomSource): string => hex32(random) + hex32(random);
const hex32 = (random: RandomSource): string =>
  Math.floor(random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');

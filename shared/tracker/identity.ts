import { peerId } from '../units.ts';
import type { PeerId, RandomSource } from '../units.ts';

export interface Identity {
  readonly id: PeerId;
  /** What a peer shows to keep its id after a lost connection. */
  readonly secret: string;
}

/** How ids are made, and how a tracker knows whose an id is that it has not given itself. */
export interface Identities {
  make(random: RandomSource, isTaken: (id: string) => boolean): Identity;
  /** Whether who shows `secret` may have `id`, which nobody here has. */
  fits(id: string, secret: string): boolean;
}

/** The shortest secret taken from a peer that another tracker, or this one before a restart, gave its id. */
const SECRET_LENGTH_MIN = 32;

/** Ids that say nothing of their secrets: whoever comes first with one that is free keeps it. */
export const randomIdentities: Identities = {
  make: (random, isTaken) => {
    let id = newPeerId(random);
    while (isTaken(id)) id = newPeerId(random);
    return { id, secret: newSecret(random) };
  },
  fits: (_, secret) => secret.length >= SECRET_LENGTH_MIN,
};

/**
 * Ids that are the digest of their secrets: any tracker can check whose one is, although no tracker ever told it, and a
 * neighbour, which knows the id and not the secret, cannot come with it. To find another secret for an id takes 2^63
 * tries.
 * @param digest of a text, as hexadecimal digits, one way
 */
export const digestIdentities = (digest: (secret: string) => string): Identities => {
  const idOf = (secret: string): string => digest(secret).slice(0, ID_LENGTH);
  return {
    make: (random, isTaken) => {
      let secret = newSecret(random);
      while (isTaken(idOf(secret))) secret = newSecret(random);
      return { id: peerId(idOf(secret)), secret };
    },
    fits: (id, secret) => secret.length >= SECRET_LENGTH_MIN && idOf(secret) === id,
  };
};

const ID_LENGTH = 16;

/** 64 random bits: with a million peers in all swarms, the odds of two alike are below one in ten million. */
const newPeerId = (random: RandomSource): PeerId => peerId(hex64(random));

/** 128 random bits. */
const newSecret = (random: RandomSource): string => hex64(random) + hex64(random);

const hex64 = (random: RandomSource): string => hex32(random) + hex32(random);
const hex32 = (random: RandomSource): string =>
  Math.floor(random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');

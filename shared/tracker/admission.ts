import { peerId } from '../units.ts';
import type { Millis, RandomSource } from '../units.ts';
import type { Identities } from './identity.ts';
import { Member } from './member.ts';
import type { ListenerMessage } from './messages.ts';
import { ALL_STRIPES } from '../stripe-mask.ts';
import type { Swarm } from './swarm.ts';

type Join = Extract<ListenerMessage, { type: 'join' }>;

/** The member that comes back after a lost connection, if it shows its secret and is still remembered. */
export function memberReturning(swarm: Swarm, { resume }: Join): Member | undefined {
  if (resume === undefined) return undefined;
  const member = swarm.members.get(resume.peerId);
  return member !== undefined && member.secret === resume.secret ? member : undefined;
}

/**
 * A member for one that joins. An id that nobody here knows was given by another tracker, or by this one before a
 * restart: who shows that it is theirs keeps it, so that its links keep their names.
 */
export function newMember(
  now: Millis,
  swarm: Swarm,
  { resume }: Join,
  isTaken: (id: string) => boolean,
  random: RandomSource,
  identities: Identities,
): Member {
  const primaryStripe = swarm.leastCapableStripe(random);
  const keeps =
    resume !== undefined && identities.fits(resume.peerId, resume.secret) && !isTaken(resume.peerId);
  const { id, secret } = keeps
    ? { id: peerId(resume.peerId), secret: resume.secret }
    : identities.make(random, isTaken);
  const member = new Member({ id, secret, joinedAt: now, primaryStripe });
  // It may still hold a seed's place from before: this makes sure that it is told otherwise.
  if (resume !== undefined) member.toldSeed = { stripes: ALL_STRIPES, transport: 'webrtc', solo: true };
  return member;
}

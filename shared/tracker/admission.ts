import { peerId } from '../units.ts';
import type { Millis, PeerId, RandomSource } from '../units.ts';
import { SECRET_LENGTH_MIN, newPeerId, newSecret } from './identity.ts';
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
 * A member for one that joins. An id with a secret that nobody here knows was given by another tracker, or by this one
 * before a restart: whoever comes first with it keeps it, so that its links keep their names.
 */
export function newMember(
  now: Millis,
  swarm: Swarm,
  { resume }: Join,
  isTaken: (id: string) => boolean,
  random: RandomSource,
): Member {
  const primaryStripe = swarm.leastCapableStripe(random);
  const claims = resume !== undefined && resume.secret.length >= SECRET_LENGTH_MIN && !isTaken(resume.peerId);
  const member = new Member({
    id: claims ? peerId(resume.peerId) : freshId(isTaken, random),
    secret: claims ? resume.secret : newSecret(random),
    joinedAt: now,
    primaryStripe,
  });
  // It may still hold a seed's place from before: this makes sure that it is told otherwise.
  if (resume !== undefined) member.toldSeed = { stripes: ALL_STRIPES, transport: 'webrtc', solo: true };
  return member;
}

function freshId(isTaken: (id: string) => boolean, random: RandomSource): PeerId {
  let id = newPeerId(random);
  while (isTaken(id)) id = newPeerId(random);
  return id;
}

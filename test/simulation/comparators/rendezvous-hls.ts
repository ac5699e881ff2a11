/** Members of one elected swarm. */
export const RENDEZVOUS_DEGREE = 50;

/**
 * Copies from the origin when listeners elect, by rendezvous hashing, one of every d + 1 to fetch each HLS segment for
 * the other d: n / (d + 1). A formula, not a simulation: nobody leaves, no segment is ever late or fetched twice.
 */
export const rendezvousHlsCopies = (listeners: number, degree = RENDEZVOUS_DEGREE): number =>
  listeners / (degree + 1);

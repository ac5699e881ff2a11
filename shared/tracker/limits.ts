import { DEDICATED_NEIGHBOURS_MAX, NEIGHBOURS_MAX } from '../swarm/limits.ts';
import { millis } from '../units.ts';
import type { Millis } from '../units.ts';

/** The tracker's limits and pace: each is here, with its reason, and nowhere else. */

/** A swarm must have been small for this long before it is served alone again, so that it does not flap. */
export const SMALL_AGAIN_AFTER: Millis = millis(30_000);
/** What an operator may change. */
export const TRACKER_DEFAULTS = {
  /** Under this many listeners the edge serves everyone and nobody is shown anybody's address. */
  smallSwarmSize: 2,
  /** Members of one swarm, those whose connection was just lost included; a larger one is to be sliced. */
  swarmSizeMax: 20_000,
  /** Listeners that one address may bring: a school or a carrier's NAT shares one. */
  peersPerAddressMax: 64,
  /** Messages of one connection, as a mean. */
  messagesPerSecondMax: 50,
  /** How often a listener of a small swarm reports. */
  reportIntervalMs: 5_000,
} as const;

/** A connection that has not joined by then is closed. */
export const JOIN_TIMEOUT: Millis = millis(10_000);
/** A lost connection's peer keeps its id, neighbours and seeds this long: longer than a tracker's restart. */
export const RESUME_GRACE: Millis = millis(60_000);

/**
 * While most of a swarm's connections are lost, it is we who are away: nobody is given up, and seeds go on being fed,
 * for this long at most. Whether that is still so is looked at this often.
 */
export const CUT_OFF_GRACE: Millis = millis(600_000);
export const CUT_OFF_LOOK: Millis = millis(5_000);
/** In a smaller swarm, most may well have left at once. */
export const CUT_OFF_MEMBERS_MIN = 10;

/** Trickled signalling to a dozen neighbours comes in bursts: so many seconds' messages may come at once. */
export const MESSAGE_BURST_SECONDS = 8;
/** Signals of one connection; more are dropped, since the link will be tried again. */
export const SIGNAL_RATE = { perSecond: 30, burst: 320 } as const;
/** Links take a moment to open: a `need` so soon after an introduction is not answered. */
export const INTRODUCTION_SETTLE: Millis = millis(2_000);
/** Answered `need` messages of one connection; more are left unanswered. */
export const NEED_RATE = { perSecond: 0.5, burst: 6 } as const;

/** Complaints of one member about edges that are passed on; an honest listener has one or two in a day. */
export const EDGE_COMPLAINT_RATE = { perSecond: 0.02, burst: 8 } as const;

/**
 * Neighbours that a newcomer is introduced to: each join makes twice as many ends of links, so that on average a
 * listener ends up with 12, and those that have been here long still have room for children that come now.
 */
export const WELCOME_NEIGHBOURS = 5;
/** A member with this many links is nobody's random neighbour any more: the rest is for children. */
export const RANDOM_LINKS_MAX = 9;
/** A member with this many links is introduced to nobody: it would take one more at most, which somebody may need. */
export const LINKS_MAX: number = NEIGHBOURS_MAX - 1;
/** The same of a community relay. */
export const DEDICATED_RANDOM_LINKS_MAX = 40;
export const DEDICATED_LINKS_MAX: number = DEDICATED_NEIGHBOURS_MAX - 1;
/** The last links of a seed are for inner nodes of its stripe. */
export const SEED_LINKS_RESERVED = 7;
/** Peers that a member was introduced to and is not introduced to again; the oldest is forgotten first. */
export const KNOWN_MAX = 64;
export const DEDICATED_KNOWN_MAX = 192;
/** Peers that a member shall not be introduced to again. */
export const AVOIDED_MAX = 32;
/** Complaints from this many addresses about one peer, and it is no longer proposed, introduced or seeded. */
export const DISTRUST_ADDRESSES = 3;

/**
 * Children of a community relay at so many addresses, and at this share of those that it may have, let it go for late
 * chunks within LATE_KEPT: it rests, as its line does not carry what it says.
 */
export const LATE_ADDRESSES_MIN = 3;
export const LATE_SHARE_MIN: number = 1 / 3;
export const LATE_KEPT: Millis = millis(60_000);
/** While it rests it is nobody's seed and is proposed to nobody. */
export const RELAY_REST: Millis = millis(600_000);

/** So many failed links, of those met, make a member hard to reach; so many meetings are needed to call one reachable. */
export const HARD_FAILURES_MIN = 2;
export const REACHABLE_MEETINGS_MIN = 4;

/** Parents new to a member that one introduction brings: one per stripe, so that random neighbours remain. */
export const PROPOSED_NEW_MAX = 4;

/** Parents proposed per stripe. */
export const PROPOSALS_MAX = 4;
/** Members looked at for one proposal. */
export const PARENT_SAMPLE = 12;
/** The last slots of a seed are for inner nodes of its stripe. */
export const SEED_SLOTS_RESERVED = 2;
/** Assumed hops to an edge of a peer that has not told. */
export const DEPTH_UNKNOWN = 6;

/** A member that retires keeps what it is fed for so long at most: its children still hang on it. */
export const RETIRE_MAX: Millis = millis(15_000);

/** Members looked at for one seed. */
export const SEED_SAMPLE = 24;
/** A seed must have room for this many children of its stripe. */
export const SEED_SLOTS_MIN = 2;
/** Below this share of chunks in time a member is not made a seed. */
export const SEED_ON_TIME_MIN = 0.9;
/** A seed that stalled or failed is not chosen again for this long. */
export const SEED_DEMOTION: Millis = millis(120_000);
/** A seed whose WebRTC transport failed is served over HTTP for this long. */
export const SEED_WEBRTC_RETRY: Millis = millis(60_000);
/** A lost connection's stripes get another seed this much later: if all were lost at once, it was we who were away. */
export const LOST_SETTLE: Millis = millis(200);
/** After most connections were lost, seeds stay as they are for so long: those members come back, and still are fed. */
export const CUT_OFF_MAX: Millis = millis(30_000);
/** How often seeds are looked over: a stripe is handed over by giving first and taking at the next review. */
export const SEED_REVIEW: Millis = millis(5_000);
/** When the WebRTC path comes back, one seed of a mount moves to it per step. */
export const SEED_RETURN_STEP: Millis = millis(500);
/** Seeds are taken away only when a swarm this much larger would not need them. */
export const SEED_TRIM_MARGIN = 1.2;

/** A swarm's reports per second at most, about: in a larger swarm each listener reports less often. */
export const REPORTS_PER_SECOND = 350;

/** How often a listener shall report, in a swarm of this size. */
export function reportInterval(listeners: number, smallestMs: number): Millis {
  return millis(Math.max(smallestMs, Math.ceil((listeners / REPORTS_PER_SECOND) * 1000)));
}

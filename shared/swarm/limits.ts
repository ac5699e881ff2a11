/** Every number that bounds or times the listener engine, with its reason. */

/** 16 s of 250 ms chunks: what play-out and neighbours may still ask for, several times over. */
export const CHUNKS_HELD_MAX = 64;
/** The epoch that plays and the one after it. */
export const EPOCHS_HELD_MAX = 2;
/** A genuine chunk cannot be further ahead of the live edge than a source's own burst. */
export const AHEAD_MAX_MS = 15_000;

export const NEIGHBOURS_TARGET = 8;
/** Below this the tracker is asked for more. */
export const NEIGHBOURS_MIN = 5;
/** A link that works is open by then. */
export const SET_UP_USUAL_MS = 3_000;
/** Links that others open to us beyond the target are welcome up to here. */
export const NEIGHBOURS_MAX = 16;
/** A community relay, which has nothing else to do, holds and seeks more. */
export const DEDICATED_NEIGHBOURS_MIN = 16;
export const DEDICATED_NEIGHBOURS_TARGET = 24;
export const DEDICATED_NEIGHBOURS_MAX = 64;
/** Peers that broke a rule are remembered and not taken back. */
export const BANNED_MAX = 256;

export const CHILDREN_MAX = 32;
/** All stripes of 48 listeners: see `npm run bench:relay` for what a process carries. */
export const DEDICATED_CHILDREN_MAX = 192;
/** Of the upload cap, what children may take; the rest answers pulls. */
export const CHILD_SHARE_OF_CAP = 0.85;
/** The rest of what is sent are the headers of DTLS, SCTP, UDP and IP. */
export const PAYLOAD_SHARE_OF_CAP = 0.92;
/** Header, signature and framing on top of the payload's bit rate. */
export const WIRE_OVERHEAD = 1.06;
/** A new child is sent at most this many chunks that it missed. */
export const ADOPTION_BACKLOG_MAX = 3;

/** A summary is also the heartbeat. */
export const SUMMARY_INTERVAL_MS = 3_000;
/** Chunks older than this behind the newest are of use to nobody who plays. */
export const SUMMARY_CHUNKS = 24;
/** A neighbour that said nothing for so long is gone, whatever its channel says. */
export const SILENCE_MAX_MS = 9_500;
/** A link that did not say hello by then is closed. */
export const HELLO_TIMEOUT_MS = 5_000;
export const PING_INTERVAL_MS = 60_000;

export const ADOPT_TIMEOUT_MS = 700;
/** A peer that refused or failed us as parent is left alone for this long. */
export const PARENT_BACKOFF_MS = 4_000;
/** … or, while our parent is about to leave, about this long. */
export const PARENT_HURRIED_MS = 600;
/** A parent that lives and missed so many chunks in a row is left. */
export const MISSED_MAX = 2;
/** So many chunks in a row that a seed's transport should have brought and that had to be repaired, and it is given up. */
export const SEED_MISSED_MAX = 4;
/** A late chunk's parent is asked for a sign of life between these times after the packaging, … */
export const SUSPECT_MIN_MS = 300;
export const SUSPECT_MAX_MS = 800;
/** … and is gone if it gives none for so long. */
export const SIGN_OF_LIFE_MAX_MS = 400;
/** A peer that takes children and sends nothing is left alone for twice as long each time, up to two minutes. */
export const PARENT_FAILURES_COUNTED = 5;
/** How often a deeper place in a tree looks for a better one. */
export const PARENT_REVIEW_INTERVAL_MS = 8_000;
/** A stripe without a parent for so long is taken from an edge as a stream. */
export const STARVING_AFTER_MS = 4_000;
/** … and sooner with no neighbour left to ask: the buffer lasts 2.5 s. */
export const ISOLATED_AFTER_MS = 1_300;

/** A chunk is called late between these bounds after it was packaged, by how its stripe usually arrives. */
export const LATE_MIN_MS = 1_250;
export const LATE_MAX_MS = 1_500;
/** … and so soon where no parent is to push it: there is no lost packet to wait for. */
export const LATE_ORPHANED_MS = 300;
/** However late chunks usually are: a repair begins at the latest so long before the chunk is due. */
export const REPAIR_LEAD_MS = 1_000;
/** Without an answer to a `want` by then, another neighbour is asked. */
export const WANT_TIMEOUT_MS = 450;
/** By then most neighbours have answered a `want`. */
export const ANSWER_USUAL_MS = 300;
export const WANT_ATTEMPTS_MAX = 4;
/** An edge is asked this long before a missing chunk is due: a random moment, so that a loss is no stampede. */
export const EDGE_LEAD_MIN_MS = 450;
export const EDGE_LEAD_MAX_MS = 800;
export const EDGE_RETRY_MS = 300;
export const EDGE_TIMEOUT_MS = 2_000;
/** Chunks handed over that the ear has not reached: an ear that stands still for longer does not hear the oldest. */
export const HANDED_MAX = 128;
/** Chunks repaired at the same time. */
export const REPAIRS_MAX = 64;
/** Without a single new chunk for so long, an edge is asked whether there is one; then with doubling gaps. */
export const PROBE_AFTER_MS = 1_000;
export const PROBE_GAP_MAX_MS = 15_000;
export const PROBE_BURST_MS = 250;

/** A missing chunk is given up this long before the ear would reach it, so that the sink never runs dry for it. */
export const SKIP_LEAD_MS = 120;
/** Sound starts once so much is there without a hole (or all that the burst had). */
export const START_BUFFER_MS = 1_000;
/** Further behind than this we jump to the live edge instead of playing everything. */
export const BEHIND_MAX_MS = 15_000;
/** Play-out without a real sink follows the live edge at most this fast. */
export const DRIFT_SHARE_MAX = 0.03;
/** Further behind the wished distance than this, it jumps instead. */
export const JUMP_EXCESS_MS = 2_000;

export const VERIFICATIONS_PENDING_MAX = 512;
/** Messages per second from one neighbour, and how many may come at once. */
export const MESSAGE_RATE = { perSecond: 80, burst: 400 } as const;
/** Chunks per second that one neighbour may ask for. */
export const WANT_RATE = { perSecond: 24, burst: 64 } as const;
/** Announcing what one lacks is forgiven so often (a window moves on), then it is a lie. */
export const LACKS_FORGIVEN = 8;

export const NEED_INTERVAL_MS = 3_000;

/** Without a tracker, a neighbour is asked for introductions this often at most; half as often at least. */
export const SEEK_INTERVAL_MS = 3_000;
/** Who has neighbours enough and lacks a parent opens so many links for it: one of two should do. */
export const PARENTS_SOUGHT = 2;
/** `seek` messages of one neighbour that are answered: a little more than an honest one sends. */
export const SEEK_RATE = { perSecond: 0.4, burst: 3 } as const;
/** Bytes of signalling that one neighbour may send, for us or to be carried: a link's set-up takes it 2 to 5 KB. */
export const CARRY_RATE = { perSecond: 3_000, burst: 48_000 } as const;
/** Bytes of signalling carried for all neighbours; what is left of the upload cap bounds it as well. */
export const CARRY_TOTAL_RATE = { perSecond: 12_000, burst: 160_000 } as const;
/** Through whom a peer is told things: longer than a link's set-up may take (8 s). */
export const ROUTE_KEPT_MS = 20_000;
/** Peers met through neighbours at a time: the driver's 40 links hold so many set-ups beside all neighbours. */
export const ROUTES_MAX = 24;
/** … of which one neighbour may claim a part only, whatever it carries. */
export const ROUTES_PER_NEIGHBOUR_MAX = 8;
/** A peer that could not be reached is not tried again at a neighbour's word for so long; the oldest is forgotten. */
export const UNREACHABLE_KEPT_MS = 60_000;
export const UNREACHABLE_MAX = 64;
export const BURST_RETRY_MS = 1_000;
export const BURST_RETRY_MAX_MS = 10_000;
export const STREAM_RETRY_MS = 500;
export const STREAM_RETRY_MAX_MS = 10_000;
export const REPORT_INTERVAL_MS = 10_000;
export const HOUSEKEEPING_INTERVAL_MS = 1_000;
/** While a stripe has no parent. */
export const HOUSEKEEPING_HURRIED_MS = 350;

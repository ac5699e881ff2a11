import type { Participation } from '../tracker/messages.ts';
import {
  CHILDREN_MAX,
  DEDICATED_CHILDREN_MAX,
  DEDICATED_NEIGHBOURS_MAX,
  DEDICATED_NEIGHBOURS_MIN,
  DEDICATED_NEIGHBOURS_TARGET,
  NEIGHBOURS_MAX,
  NEIGHBOURS_MIN,
  NEIGHBOURS_TARGET,
} from './limits.ts';

/** How many others a member has room for: a listener lends a little of its machine, a relay is there for nothing else. */
export interface Room {
  /** Below this the tracker is asked for more. */
  readonly neighboursMin: number;
  readonly neighboursTarget: number;
  readonly neighboursMax: number;
  /** (Child, stripe) pairs. */
  readonly childrenMax: number;
  /** A quarter of the slots for each stripe, rather than most of them for one: it is a seed of several. */
  readonly sharesEvenly: boolean;
}

export const roomOf = (participation: Participation): Room =>
  participation === 'dedicated' ? ROOM_OF_RELAY : ROOM_OF_LISTENER;

const ROOM_OF_LISTENER: Room = {
  neighboursMin: NEIGHBOURS_MIN,
  neighboursTarget: NEIGHBOURS_TARGET,
  neighboursMax: NEIGHBOURS_MAX,
  childrenMax: CHILDREN_MAX,
  sharesEvenly: false,
};

const ROOM_OF_RELAY: Room = {
  neighboursMin: DEDICATED_NEIGHBOURS_MIN,
  neighboursTarget: DEDICATED_NEIGHBOURS_TARGET,
  neighboursMax: DEDICATED_NEIGHBOURS_MAX,
  childrenMax: DEDICATED_CHILDREN_MAX,
  sharesEvenly: true,
};

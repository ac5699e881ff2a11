import type { RelayRest } from './relay-switch.ts';

/** Everything that decides whether, and how much, is passed on. */
export interface RelayFacts {
  readonly relay: boolean;
  /** What may be passed on at most while nothing else speaks against it. */
  readonly uploadCapKbps: number;
  readonly relayOnCellular: boolean;
  readonly ceilingBytes: number | null;
  readonly relayedThisMonthBytes: number;
  readonly connection: ConnectionFacts;
}

export interface ConnectionFacts {
  readonly isCellular: boolean;
  readonly savesData: boolean;
}

export interface RelayDecision {
  /** False: no link to anybody is ever opened, and nobody sees our address. */
  readonly peersAllowed: boolean;
  readonly uploadCapKbps: number;
  /** Why nothing is passed on although the listener would; null: nothing speaks against it. */
  readonly rest: RelayRest | null;
}

/**
 * *Just listen* means no links at all. Who relays, but rests for a good reason, still hears from others and passes
 * nothing on: that costs them nothing and spares the station's line.
 */
export function decideRelaying(facts: RelayFacts): RelayDecision {
  if (!facts.relay) return { peersAllowed: false, uploadCapKbps: 0, rest: null };
  const rest = restOf(facts);
  return { peersAllowed: true, uploadCapKbps: rest === null ? facts.uploadCapKbps : 0, rest };
}

function restOf({ connection, relayOnCellular, ceilingBytes, relayedThisMonthBytes }: RelayFacts) {
  if (connection.savesData) return 'data-saver';
  if (connection.isCellular && !relayOnCellular) return 'cellular';
  return ceilingBytes !== null && relayedThisMonthBytes >= ceilingBytes ? 'ceiling' : null;
}

/** As far as the browser tells; most tell nothing. */
export function connectionFacts(): ConnectionFacts {
  const connection = networkInformation();
  return {
    isCellular: connection !== null && Reflect.get(connection, 'type') === 'cellular',
    savesData: connection !== null && Reflect.get(connection, 'saveData') === true,
  };
}

/** Calls back when the device changes to another network, until `signal` is aborted. */
export function onConnectionChange(run: () => void, signal: AbortSignal): void {
  const connection = networkInformation();
  if (connection instanceof EventTarget) connection.addEventListener('change', run, { signal });
}

function networkInformation(): object | null {
  const connection: unknown = Reflect.get(navigator, 'connection');
  return typeof connection === 'object' ? connection : null;
}

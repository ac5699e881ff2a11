import { decodeWire, encodeWire } from '../../shared/wire/wire-codec.ts';
import type { RandomSource } from '../../shared/units.ts';

/**
 * What a dishonest peer does to a message before it leaves; null: it does not leave. Its engine is the honest one, so
 * that everything else about it looks as it should.
 */
export type Tamper = (message: Uint8Array) => Uint8Array | null;

export const POLLUTIONS = ['forge', 'replay', 'truncate', 'boast', 'withhold'] as const;
export type Pollution = (typeof POLLUTIONS)[number];

const CHUNK = 2;
const HAVE = 3;

export function drawPollution(random: RandomSource): Pollution {
  return POLLUTIONS[Math.floor(random() * POLLUTIONS.length)] ?? 'forge';
}

export const tamperOf = (pollution: Pollution): Tamper => TAMPERS[pollution]();

const onChunks =
  (change: Tamper): Tamper =>
  (message) =>
    message[0] === CHUNK ? change(message) : message;

/** One bit of the sound is another. */
function forged(message: Uint8Array): Uint8Array {
  const copy = message.slice();
  const at = copy.length >> 1;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** The first chunk it ever passed on, again and again. */
function replayer(): Tamper {
  let stale: Uint8Array | null = null;
  return onChunks((message) => {
    stale ??= message;
    return stale;
  });
}

/** It holds everything, sits next to the edge and has room for all. */
function boast(message: Uint8Array): Uint8Array {
  if (message[0] !== HAVE) return message;
  const decoded = decodeWire(message);
  if (!decoded.ok || decoded.message.type !== 'have') return message;
  const { depths } = decoded.message;
  return encodeWire({
    ...decoded.message,
    held: new Uint8Array(4).fill(0xff),
    depths: depths.map(() => 0),
    slotsFree: 255,
  });
}

const TAMPERS: Readonly<Record<Pollution, () => Tamper>> = {
  forge: () => onChunks(forged),
  replay: replayer,
  truncate: () => onChunks((message) => message.subarray(0, message.length - 1)),
  boast: () => boast,
  withhold: () => onChunks(() => null),
};

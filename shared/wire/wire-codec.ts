import { CHUNK_LENGTH_MAX } from '../chunk/chunk.ts';
import { STRIPE_COUNT, STRIPES } from '../units.ts';
import {
  INTRODUCED_MAX,
  PATH_LENGTH_MAX,
  REFUSAL_REASONS,
  SIGNAL_LENGTH_MAX,
  SUMMARY_SPAN,
  WANT_MAX,
} from './messages.ts';
import type { WireMessage } from './messages.ts';
import { ByteReader, WireFault } from './byte-reader.ts';
import type { WireFaultReason } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/**
 * Layouts, after the type byte. Numbers are unsigned and big-endian; a stripe and a depth are one byte, an epoch
 * six, a sequence four.
 *
 * | type | message | layout |
 * | ---: | --- | --- |
 * | 1 | hello | version 1, flags 1 (bit 0: accepts children), primary stripe |
 * | 2 | chunk | the chunk's wire to the end |
 * | 3 | have | epoch, base, depths × STRIPE_COUNT, slots free 1, held 0–16 to the end, its last byte not 0 |
 * | 4 | haveOne | epoch, sequence |
 * | 5, 6 | want, lack | epoch, 1–32 sequences to the end, ascending, each once |
 * | 7 | adopt | stripe, epoch, from |
 * | 8 | path | stripe, 0–24 short ids of 4 to the end |
 * | 9 | refuse | stripe, reason 1 (index in REFUSAL_REASONS) |
 * | 10 | release | stripe |
 * | 11, 12 | ping, pong | nonce 4 |
 * | 13 | seek | stripes 1 (bit i: stripe i) |
 * | 14 | introduce | 1–6 peer ids of 8 to the end |
 * | 15, 16 | signal, carried | peer id 8, data 1–12,000 to the end |
 *
 * There is one way only to write a message, and nothing may follow it.
 */
const TYPES = {
  hello: 1,
  chunk: 2,
  have: 3,
  haveOne: 4,
  want: 5,
  lack: 6,
  adopt: 7,
  path: 8,
  refuse: 9,
  release: 10,
  ping: 11,
  pong: 12,
  seek: 13,
  introduce: 14,
  signal: 15,
  carried: 16,
} as const satisfies Record<WireMessage['type'], number>;

/** The largest message: a chunk with its type. */
export const WIRE_MESSAGE_LENGTH_MAX: number = CHUNK_LENGTH_MAX + 1;

export type WireDecoded =
  | { readonly ok: true; readonly message: WireMessage }
  | { readonly ok: false; readonly reason: WireFaultReason };

/**
 * `slotsFree` above 255 is told as 255; `want` and `lack` are told sorted, each number once.
 * @throws RangeError if a field does not fit its place.
 */
export function encodeWire(message: WireMessage): Uint8Array {
  const writer = new ByteWriter(TYPES[message.type]);
  switch (message.type) {
    case 'hello':
      writer.uint8('version', message.version);
      writer.uint8('flags', message.acceptsChildren ? FLAG_ACCEPTS_CHILDREN : 0);
      writer.stripe(message.primaryStripe);
      break;
    case 'chunk':
      requireCount('chunk', message.wire.length, 1, CHUNK_LENGTH_MAX);
      writer.tail(message.wire);
      break;
    case 'have':
      writer.uint48('epoch', message.epoch);
      writer.uint32('base', message.base);
      requireCount('depths', message.depths.length, STRIPE_COUNT, STRIPE_COUNT);
      for (const depth of message.depths) writer.uint8('depth', depth);
      writer.uint8('slots free', Math.min(message.slotsFree, UINT8_MAX));
      writer.tail(withoutTrailingZeros(message.held));
      break;
    case 'haveOne':
      writer.uint48('epoch', message.epoch);
      writer.uint32('sequence', message.sequence);
      break;
    case 'want':
    case 'lack': {
      const numbers = [...new Set(message.sequences)].toSorted((left, right) => left - right);
      requireCount(message.type, numbers.length, 1, WANT_MAX);
      writer.uint48('epoch', message.epoch);
      for (const number of numbers) writer.uint32('sequence', number);
      break;
    }
    case 'adopt':
      writer.stripe(message.stripe);
      writer.uint48('epoch', message.epoch);
      writer.uint32('sequence', message.from);
      break;
    case 'path':
      writer.stripe(message.stripe);
      requireCount('path', message.path.length, 0, PATH_LENGTH_MAX);
      for (const shortId of message.path) writer.uint32('short id', shortId);
      break;
    case 'refuse':
      writer.stripe(message.stripe);
      writer.uint8('reason', REFUSAL_REASONS.indexOf(message.reason));
      break;
    case 'release':
      writer.stripe(message.stripe);
      break;
    case 'ping':
    case 'pong':
      writer.uint32('nonce', message.nonce);
      break;
    case 'seek':
      writer.stripes(message.stripes);
      break;
    case 'introduce':
      requireCount('introduced', message.peerIds.length, 1, INTRODUCED_MAX);
      for (const id of message.peerIds) writer.peerId(id);
      break;
    case 'signal':
    case 'carried':
      requireCount(message.type, message.data.length, 1, SIGNAL_LENGTH_MAX);
      writer.peerId(message.type === 'signal' ? message.to : message.from);
      writer.tail(message.data);
      break;
  }
  return writer.finish();
}

/** Read what a neighbour sent; `chunk.wire` and a signal's data view `data`. Never throws. */
export function decodeWire(data: Uint8Array): WireDecoded {
  if (data.length > WIRE_MESSAGE_LENGTH_MAX) return { ok: false, reason: 'too-long' };
  try {
    const reader = new ByteReader(data);
    const message = readMessage(reader);
    reader.end();
    return { ok: true, message };
  } catch (error) {
    if (error instanceof WireFault) return { ok: false, reason: error.reason };
    throw error;
  }
}

function readMessage(reader: ByteReader): WireMessage {
  const type = reader.uint8();
  switch (type) {
    case TYPES.hello: {
      const version = reader.uint8();
      const flags = reader.uint8();
      if ((flags & ~FLAG_ACCEPTS_CHILDREN) !== 0) throw new WireFault('flags');
      return { type: 'hello', version, acceptsChildren: flags !== 0, primaryStripe: reader.stripe() };
    }
    case TYPES.chunk:
      return { type: 'chunk', wire: reader.rest(1, CHUNK_LENGTH_MAX) };
    case TYPES.have:
      return {
        type: 'have',
        epoch: reader.epoch(),
        base: reader.sequence(),
        depths: STRIPES.map(() => reader.uint8()),
        slotsFree: reader.uint8(),
        held: readHeld(reader),
      };
    case TYPES.haveOne:
      return { type: 'haveOne', epoch: reader.epoch(), sequence: reader.sequence() };
    case TYPES.want:
      return { type: 'want', epoch: reader.epoch(), sequences: reader.ascending(WANT_MAX) };
    case TYPES.lack:
      return { type: 'lack', epoch: reader.epoch(), sequences: reader.ascending(WANT_MAX) };
    case TYPES.adopt:
      return { type: 'adopt', stripe: reader.stripe(), epoch: reader.epoch(), from: reader.sequence() };
    case TYPES.path:
      return { type: 'path', stripe: reader.stripe(), path: reader.uint32s(PATH_LENGTH_MAX) };
    case TYPES.refuse: {
      const stripe = reader.stripe();
      const reason = REFUSAL_REASONS[reader.uint8()];
      if (reason === undefined) throw new WireFault('reason');
      return { type: 'refuse', stripe, reason };
    }
    case TYPES.release:
      return { type: 'release', stripe: reader.stripe() };
    case TYPES.ping:
      return { type: 'ping', nonce: reader.uint32() };
    case TYPES.pong:
      return { type: 'pong', nonce: reader.uint32() };
    case TYPES.seek:
      return { type: 'seek', stripes: reader.stripes() };
    case TYPES.introduce:
      return { type: 'introduce', peerIds: reader.peerIds(INTRODUCED_MAX) };
    case TYPES.signal:
      return { type: 'signal', to: reader.peerId(), data: reader.rest(1, SIGNAL_LENGTH_MAX) };
    case TYPES.carried:
      return { type: 'carried', from: reader.peerId(), data: reader.rest(1, SIGNAL_LENGTH_MAX) };
    default:
      throw new WireFault('type');
  }
}

const FLAG_ACCEPTS_CHILDREN = 1;
const UINT8_MAX = 255;
const HELD_LENGTH_MAX = SUMMARY_SPAN / 8;

function readHeld(reader: ByteReader): Uint8Array {
  // Copied: views of so few bytes cost more.
  const held = reader.copy(HELD_LENGTH_MAX);
  if (held.at(-1) === 0) throw new WireFault('held');
  return held;
}

function withoutTrailingZeros(held: Uint8Array): Uint8Array {
  requireCount('held', held.length, 0, HELD_LENGTH_MAX);
  let length = held.length;
  while (length > 0 && held[length - 1] === 0) length -= 1;
  return length === held.length ? held : held.subarray(0, length);
}

function requireCount(name: string, count: number, min: number, max: number): void {
  if (count >= min && count <= max) return;
  throw new RangeError(`Cannot write ${name} as ${min} to ${max} items: current value is ${count}`);
}

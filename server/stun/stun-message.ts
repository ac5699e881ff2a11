import { crc32 } from 'node:zlib';
import { addressBytes } from './address-bytes.ts';

/** Whose datagram it was. */
export interface StunClient {
  /** IPv4 or IPv6, without brackets or zone. */
  readonly address: string;
  readonly port: number;
}

export const STUN_HEADER_LENGTH = 20;
export const STUN_COOKIE = 0x2112a442;
/** A request longer than this is none of ours: one with every attribute we know is far shorter. */
export const STUN_REQUEST_LENGTH_MAX = 1280;
/** Attributes that one 420 names. */
const UNKNOWN_NAMED_MAX = 16;

const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;
const XOR_MAPPED_ADDRESS = 0x0020;
const ERROR_CODE = 0x0009;
const UNKNOWN_ATTRIBUTES = 0x000a;
const FINGERPRINT = 0x8028;
const FINGERPRINT_XOR = 0x5354554e;
/** Comprehension-required attributes that a server without passwords may pass over (RFC 8489, section 14). */
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const MESSAGE_INTEGRITY_SHA256 = 0x001c;
const REALM = 0x0014;
const NONCE = 0x0015;
const UNDERSTOOD: ReadonlySet<number> = new Set([
  USERNAME,
  MESSAGE_INTEGRITY,
  MESSAGE_INTEGRITY_SHA256,
  REALM,
  NONCE,
]);

/**
 * What to answer to a datagram (RFC 8489): a binding request gets the client's own address, or error 420 where it
 * asks for something that we do not understand. Null: no answer, since it is no valid request, so nothing that
 * anybody sends can make two servers answer each other.
 */
export function answerStun(datagram: Uint8Array, client: StunClient): Uint8Array | null {
  const request = parseRequest(datagram);
  if (request === null) return null;
  const attributes =
    request.unknown.length > 0
      ? [
          attribute(
            ERROR_CODE,
            Buffer.concat([Buffer.from([0, 0, 4, 20]), Buffer.from('Unknown Attribute')]),
          ),
          attribute(UNKNOWN_ATTRIBUTES, uint16s(request.unknown.slice(0, UNKNOWN_NAMED_MAX))),
        ]
      : [attribute(XOR_MAPPED_ADDRESS, xorMappedAddress(client, request.transaction))];
  const type = request.unknown.length > 0 ? BINDING_ERROR : BINDING_SUCCESS;
  return message(type, request.transaction, attributes, request.hasFingerprint);
}

interface BindingRequest {
  /** 12 bytes. */
  readonly transaction: Buffer;
  readonly hasFingerprint: boolean;
  /** Types of comprehension-required attributes that we do not understand, each once. */
  readonly unknown: readonly number[];
}

/** Null if it is anything but a whole, well-formed binding request. */
function parseRequest(datagram: Uint8Array): BindingRequest | null {
  const data = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (data.length < STUN_HEADER_LENGTH || data.length > STUN_REQUEST_LENGTH_MAX) return null;
  if (data.readUInt16BE(0) !== BINDING_REQUEST || data.readUInt32BE(4) !== STUN_COOKIE) return null;
  if (data.length % 4 !== 0 || data.readUInt16BE(2) !== data.length - STUN_HEADER_LENGTH) return null;

  const unknown = new Set<number>();
  let isSealed = false;
  let offset = STUN_HEADER_LENGTH;
  while (offset < data.length) {
    const type = data.readUInt16BE(offset);
    const length = data.readUInt16BE(offset + 2);
    const end = offset + 4 + padded(length);
    if (end > data.length) return null;
    if (type === FINGERPRINT) {
      // It is the last one, or the message is not what its sender meant.
      if (end !== data.length || length !== 4) return null;
      if (data.readUInt32BE(offset + 4) !== fingerprint(data.subarray(0, offset))) return null;
      return request(data, true, unknown);
    }
    // What follows a message integrity is not protected by it, so it does not count.
    if (!isSealed && type < 0x8000 && !UNDERSTOOD.has(type)) unknown.add(type);
    if (type === MESSAGE_INTEGRITY || type === MESSAGE_INTEGRITY_SHA256) isSealed = true;
    offset = end;
  }
  return request(data, false, unknown);
}

const request = (data: Buffer, hasFingerprint: boolean, unknown: Iterable<number>): BindingRequest => ({
  transaction: data.subarray(8, STUN_HEADER_LENGTH),
  hasFingerprint,
  unknown: [...unknown],
});

/** Section 14.2: the port and the address, each hidden from meddling NATs by the cookie and the transaction. */
function xorMappedAddress(client: StunClient, transaction: Buffer): Buffer {
  const address = addressBytes(client.address);
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(STUN_COOKIE, 0);
  transaction.copy(mask, 4);
  const value = Buffer.alloc(4 + address.length);
  value.writeUInt8(address.length === 4 ? 1 : 2, 1);
  value.writeUInt16BE(client.port ^ (STUN_COOKIE >>> 16), 2);
  for (const [index, byte] of address.entries()) value[4 + index] = byte ^ mask.readUInt8(index);
  return value;
}

function message(
  type: number,
  transaction: Buffer,
  attributes: readonly Buffer[],
  withFingerprint: boolean,
): Buffer {
  const body = Buffer.concat(attributes);
  const header = Buffer.alloc(STUN_HEADER_LENGTH);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(body.length + (withFingerprint ? 8 : 0), 2);
  header.writeUInt32BE(STUN_COOKIE, 4);
  transaction.copy(header, 8);
  const whole = Buffer.concat([header, body]);
  if (!withFingerprint) return whole;
  const value = Buffer.alloc(4);
  value.writeUInt32BE(fingerprint(whole));
  return Buffer.concat([whole, attribute(FINGERPRINT, value)]);
}

function attribute(type: number, value: Buffer): Buffer {
  const whole = Buffer.alloc(4 + padded(value.length));
  whole.writeUInt16BE(type, 0);
  whole.writeUInt16BE(value.length, 2);
  value.copy(whole, 4);
  return whole;
}

function uint16s(values: readonly number[]): Buffer {
  const data = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) data.writeUInt16BE(value, index * 2);
  return data;
}

/** Section 14.7: over everything before the attribute, the length in the header counting the attribute too. */
const fingerprint = (before: Buffer): number => (crc32(before) ^ FINGERPRINT_XOR) >>> 0;
const padded = (length: number): number => Math.ceil(length / 4) * 4;

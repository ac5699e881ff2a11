import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes } from '../../../server/stun/address-bytes.ts';
import { RateLimit, STUN_ADDRESSES_MAX, STUN_ANSWERS_PER_SECOND } from '../../../server/stun/rate-limit.ts';
import { answerStun } from '../../../server/stun/stun-message.ts';
import { seeded } from '../../support/property.ts';

const V4 = { address: '192.0.2.1', port: 32_853 };
const V6 = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 };
/** The transaction of RFC 5769's vectors. */
const TRANSACTION = 'b7e7a701bc34d686fa87dfae';
const PLAIN = hex(`00010000 2112a442 ${TRANSACTION}`);
/** RFC 5769, section 2.1: sample request, with its fingerprint. */
const SAMPLE_REQUEST = hex(`
  00010058 2112a442 ${TRANSACTION}
  80220010 5354554e 20746573 7420636c 69656e74
  00240004 6e0001ff
  80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020
  00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  80280004 e57a3bcf`);

describe('STUN', () => {
  it('answers a binding request with the client’s IPv4 address (RFC 5769, 2.2)', () => {
    expect(answerHex(PLAIN, V4)).toBe(hexText(`0101000c 2112a442 ${TRANSACTION} 00200008 0001a147 e112a643`));
  });

  it('answers a binding request with the client’s IPv6 address (RFC 5769, 2.3)', () => {
    expect(answerHex(PLAIN, V6)).toBe(
      hexText(`01010018 2112a442 ${TRANSACTION} 00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9`),
    );
  });

  it('accepts the sample request’s fingerprint, and refuses PRIORITY as not understood (RFC 5769, 2.1)', () => {
    const answer = Buffer.from(answerStun(SAMPLE_REQUEST, V4) ?? []);
    expect(answer.readUInt16BE(0)).toBe(0x0111);
    expect(answer.subarray(24, 28).toString('hex')).toBe('00000414');
    expect(answer.includes(hex('000a0002 0024'))).toBe(true);
    expect(isAnswerWithFingerprint(answer)).toBe(true);
  });

  it('puts a fingerprint on an answer when, and only when, the request had one', () => {
    const asked = hex(`00010008 2112a442 ${TRANSACTION} 80280004 00000000`);
    asked.writeUInt32BE(fingerprintOf(asked.subarray(0, 20)), 24);
    expect(isAnswerWithFingerprint(Buffer.from(answerStun(asked, V4) ?? []))).toBe(true);
    expect(answerHex(PLAIN, V4)).not.toContain('80280004');
  });

  it('answers 420 to comprehension-required attributes that it does not know, and passes over optional ones', () => {
    const required = hex(`00010008 2112a442 ${TRANSACTION} 00030004 00000006`);
    const answer = Buffer.from(answerStun(required, V4) ?? []);
    expect(answer.readUInt16BE(0)).toBe(0x0111);
    expect(answer.includes(hex('000a0002 0003'))).toBe(true);
    const optional = hex(`00010008 2112a442 ${TRANSACTION} 80220004 61626364`);
    expect(answerHex(optional, V4).slice(0, 4)).toBe('0101');
  });

  it.each([
    ['an answer', `01010000 2112a442 ${TRANSACTION}`],
    ['an error', `01110000 2112a442 ${TRANSACTION}`],
    ['an indication', `00110000 2112a442 ${TRANSACTION}`],
    ['a request to allocate', `00030000 2112a442 ${TRANSACTION}`],
    ['another cookie', `00010000 2112a443 ${TRANSACTION}`],
    ['a length that lies', `00010004 2112a442 ${TRANSACTION}`],
    ['an attribute that is cut', `00010004 2112a442 ${TRANSACTION} 80220004`],
    ['a wrong fingerprint', `00010008 2112a442 ${TRANSACTION} 80280004 00000000`],
    ['something after the fingerprint', `0001000c 2112a442 ${TRANSACTION} 80280004 00000000 80220000`],
    ['nothing', ''],
  ])('never answers %s', (_, text) => {
    expect(answerStun(hex(text), V4)).toBeNull();
  });

  it('neither throws nor answers to garbage, and never answers its own answers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1500 }), (data) => {
        expect(answerStun(data, V4)).toBeNull();
      }),
      seeded('stun garbage'),
    );
    const answer = answerStun(PLAIN, V4) ?? PLAIN;
    expect(answerStun(answer, V4)).toBeNull();
  });

  it('survives any change to a valid request, and its answer stays short', () => {
    const change = fc.record({ at: fc.nat(SAMPLE_REQUEST.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(SAMPLE_REQUEST.length), (changes, length) => {
        const data = Buffer.from(SAMPLE_REQUEST);
        for (const { at, to } of changes) data[at] = to;
        const answer = answerStun(data.subarray(0, length), V6);
        if (answer === null) return;
        expect(answer.length % 4).toBe(0);
        expect(answer.length).toBeLessThanOrEqual(112);
        expect(answerStun(answer, V6)).toBeNull();
      }),
      seeded('stun mutations', 1000),
    );
  });
});

describe('address bytes', () => {
  it.each([
    ['192.0.2.1', 'c0000201'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ])('writes %s in network order', (text, expected) => {
    expect(addressBytes(text).toString('hex')).toBe(expected);
  });

  it('refuses what is no address', () => {
    expect(() => addressBytes('radio.example')).toThrow('current value is radio.example');
  });
});

describe('STUN rate limit', () => {
  it('answers an address so often in a second, and again in the next', () => {
    const limit = new RateLimit();
    const asked = Array.from({ length: STUN_ANSWERS_PER_SECOND + 10 }, () => limit.allows('a', 100));
    expect(asked.filter(Boolean)).toHaveLength(STUN_ANSWERS_PER_SECOND);
    expect(limit.allows('b', 100)).toBe(true);
    expect(limit.allows('a', 1000)).toBe(true);
  });

  it('remembers a bounded number of addresses', () => {
    const limit = new RateLimit();
    for (let index = 0; index < STUN_ADDRESSES_MAX; index++)
      expect(limit.allows(String(index), 0)).toBe(true);
    expect(limit.allows('one more', 0)).toBe(false);
    expect(limit.allows('0', 0)).toBe(true);
  });
});

function hex(text: string): Buffer {
  return Buffer.from(hexText(text), 'hex');
}

function hexText(text: string): string {
  return text.replaceAll(/\s/g, '');
}

const answerHex = (datagram: Buffer, client: typeof V4): string =>
  Buffer.from(answerStun(datagram, client) ?? []).toString('hex');

function isAnswerWithFingerprint(answer: Buffer): boolean {
  const before = answer.subarray(0, -8);
  return (
    answer.readUInt16BE(2) === answer.length - 20 &&
    answer.subarray(-8, -4).toString('hex') === '80280004' &&
    answer.readUInt32BE(answer.length - 4) === fingerprintOf(before)
  );
}

/** Bit by bit, so that it shares nothing with what it proves: CRC-32 (ITU V.42), then RFC 8489's constant. */
function fingerprintOf(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (~crc ^ 0x5354554e) >>> 0;
}

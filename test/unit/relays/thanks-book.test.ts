import { beforeEach, describe, expect, test } from 'vitest';
import { KnownThanks } from '../../../server/relay/public/known-thanks.ts';
import { CLOCK_ERROR_MAX_MS, LINE_KBPS_MAX, ThanksBook } from '../../../server/relays/thanks-book.ts';
import { isThanksOf, signThanks, THANKED_MAX } from '../../../server/relays/thanks.ts';
import type { SignedThanks, Thanks } from '../../../server/relays/thanks.ts';
import { ephemeralSigningKey } from '../../../server/signing-key.ts';

const STATION = ephemeralSigningKey().publicKeyText;
const relay = ephemeralSigningKey();
const other = ephemeralSigningKey();
const NOON = Date.parse('2026-11-15T12:00:00Z');
const HOUR_MS = 3_600_000;
const MBIT = 1_000;
/** What a line of 1 Mbit/s carries in an hour. */
const HOUR_BYTES = 125 * HOUR_MS;

let book: ThanksBook;
let atMs: number;

beforeEach(() => {
  book = new ThanksBook();
  atMs = NOON;
});

const said = (changes: Partial<Thanks> = {}, key = relay): SignedThanks =>
  signThanks((data) => key.sign(data), {
    relayKey: key.publicKeyText,
    stationKey: STATION,
    nickname: 'La cave',
    month: '2026-11',
    bytes: 5 * HOUR_BYTES,
    listeners: 3,
    uploadMaxKbps: MBIT,
    timeMs: atMs,
    ...changes,
  });

/** Why it is not thanked, or empty. */
function take(thanks: SignedThanks): string {
  book.take({ unixMs: atMs, monotonicMs: atMs - NOON }, relay.publicKeyText, STATION, thanks);
  return book.whyNot(relay.publicKeyText);
}
const told = (isHere = true): readonly unknown[] => book.told(atMs, [STATION], () => isHere);

describe('a relay that says what it gave', () => {
  test('is thanked by its nickname, with what it said and its signature, for everybody to check', () => {
    const thanks = said();
    expect(take(thanks)).toBe('');
    expect(told()).toEqual([
      { nickname: 'La cave', bytesMonth: 5 * HOUR_BYTES, listeners: 3, statement: thanks },
    ]);
    expect(isThanksOf(STATION, thanks)).toBe(true);
  });

  test('stays thanked for its month while it is away, and serves nobody then', () => {
    take(said());
    expect(told(false)).toMatchObject([{ bytesMonth: 5 * HOUR_BYTES, listeners: 0 }]);
    atMs = Date.parse('2026-12-02T00:00:00Z');
    expect(told()).toEqual([]);
  });

  test('is thanked after those that gave more', () => {
    take(said());
    const more = said({ nickname: 'Grenier', bytes: 9 * HOUR_BYTES }, other);
    book.take({ unixMs: atMs, monotonicMs: 0 }, other.publicKeyText, STATION, more);
    expect(told()).toMatchObject([{ nickname: 'Grenier' }, { nickname: 'La cave' }]);
  });

  test.each([
    ['bytes', { bytes: 6 * HOUR_BYTES }],
    ['month', { month: '2026-12' }],
    ['nickname', { nickname: 'Somebody else' }],
    ['listeners', { listeners: 4 }],
    ['line', { uploadMaxKbps: 2 * MBIT }],
    ['time', { timeMs: NOON + 1 }],
    ['station', { stationKey: other.publicKeyText }],
    ['relay', { relayKey: other.publicKeyText }],
  ])('is not, with another %s than was signed', (_, changes) => {
    expect(take({ ...said(), ...changes })).toContain('not signed');
    expect(told()).toEqual([]);
  });

  test.each([
    ['another relay', () => said({}, other)],
    ['this relay of another station', () => said({ stationKey: other.publicKeyText })],
  ])('is not for what %s signed', (_, thanks) => {
    expect(take(thanks())).toContain('not signed');
    expect(told()).toEqual([]);
  });

  test.each([
    ['more than its line carries since the month began', { bytes: 900 * HOUR_BYTES }, 'in this month'],
    ['a line that there is not', { uploadMaxKbps: LINE_KBPS_MAX + 1 }, 'its line carries'],
    ['more listeners than its line carries', { listeners: 251 }, '251 listeners'],
    ['a month that is over', { month: '2026-10' }, 'another month'],
    ['a time that is not now', { timeMs: NOON - CLOCK_ERROR_MAX_MS - 1 }, 'clock'],
  ])('is not for %s', (_, changes, reason) => {
    expect(take(said(changes))).toContain(reason);
    expect(told()).toEqual([]);
  });
});

describe('a total that grows', () => {
  beforeEach(() => {
    take(said());
    atMs += HOUR_MS;
  });

  test('is believed as far as the line carries', () => {
    expect(take(said({ bytes: 6 * HOUR_BYTES }))).toBe('');
    expect(told()).toMatchObject([{ bytesMonth: 6 * HOUR_BYTES }]);
  });

  test('is not believed beyond, also not in small steps, until it can be', () => {
    for (let step = 1; step <= 10; step += 1)
      take(said({ bytes: 5 * HOUR_BYTES + Math.round((step / 10) * 2 * HOUR_BYTES) }));
    expect(book.whyNot(relay.publicKeyText)).toContain('since it came');
    expect(told()).toEqual([]);
    atMs += HOUR_MS;
    expect(take(said({ bytes: 7 * HOUR_BYTES }))).toBe('');
  });

  test('begins anew with the month, and after a relay has lost its count', () => {
    expect(take(said({ bytes: HOUR_BYTES }))).toBe('');
    expect(take(said({ bytes: 3 * HOUR_BYTES }))).toContain('since it came');
    atMs = Date.parse('2026-12-10T00:00:00Z');
    expect(take(said({ month: '2026-12', bytes: 100 * HOUR_BYTES }))).toBe('');
  });

  test('is forgotten with a relay that is banned', () => {
    book.forget(relay.publicKeyText);
    expect(told()).toEqual([]);
  });
});

const item = (statement: SignedThanks) => ({
  nickname: statement.nickname,
  bytesMonth: statement.bytes,
  listeners: 0,
  statement,
});

describe('a relay that tells whom the station thanks', () => {
  test('checks each, and tells those of this month', () => {
    const known = new KnownThanks(STATION);
    const genuine = item(said());
    known.take([
      genuine,
      item({ ...said({}, other), bytes: 1 }),
      { ...item(said({}, other)), bytesMonth: 1 },
      { ...item(said({}, other)), nickname: 'Somebody else' },
      item(said({ stationKey: other.publicKeyText }, other)),
      item(said({ month: '2026-10' }, other)),
    ]);
    expect(known.told(NOON)).toEqual([genuine]);
    expect(known.told(Date.parse('2026-12-10T00:00:00Z'))).toEqual([]);
  });

  test('keeps so many at most', () => {
    const known = new KnownThanks(STATION);
    known.take(Array.from({ length: THANKED_MAX + 5 }, () => item(said())));
    expect(known.told(NOON)).toHaveLength(THANKED_MAX);
  });
});

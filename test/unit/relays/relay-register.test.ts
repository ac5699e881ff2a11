import { describe, expect, test } from 'vitest';
import {
  COMPLAINT_KEPT_MS,
  COMPLAINTS_TO_DROP,
  DROPPED_MS,
  FAILURES_TO_DROP,
  LOST_KEPT_MS,
  OFFERED_MAX,
  RelayRegister,
  RELAYS_PER_ADDRESS_MAX,
  SUCCESSES_TO_OFFER,
} from '../../../server/relays/relay-register.ts';
import type { RelayPolicy } from '../../../server/relays/relay-register.ts';
import { RELAY_REST } from '../../../shared/tracker/limits.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const ALL: RelayPolicy = { allow: 'all', listed: [], banned: [] };
const keyOf = (number: number): string => String(number).padStart(43, 'k');
const urlOf = (number: number): string => `https://relay${number}.example`;

const register = (policy: RelayPolicy = ALL): RelayRegister => new RelayRegister(policy, seededRandom(7));

function enter(
  desk: RelayRegister,
  number: number,
  address = `192.0.2.${number}`,
  mountIds: readonly string[] | null = null,
): string | null {
  return desk.enter(0, number, address, 'radio', {
    relayKey: keyOf(number),
    nickname: null,
    publicUrl: urlOf(number),
    isTracking: false,
    mountIds,
  });
}

function succeed(desk: RelayRegister, number: number, latencyMs = 20): void {
  for (let probe = 0; probe < SUCCESSES_TO_OFFER; probe += 1)
    desk.probed(0, keyOf(number), urlOf(number), { ok: true, latencyMs });
}

const offered = (desk: RelayRegister, now = 0): readonly string[] =>
  desk.offered(now, 'radio').map(({ relayKey }) => relayKey);

describe('the register of relays', () => {
  test('offers a relay after its probes succeeded, and not before', () => {
    const desk = register();
    enter(desk, 1);
    expect(offered(desk)).toEqual([]);
    succeed(desk, 1);
    expect(offered(desk)).toEqual([keyOf(1)]);
  });

  test('leans on a relay whose children let it go for late chunks no more, until its rest is over, and tells it why', () => {
    const desk = register();
    const home = { relayKey: keyOf(1), nickname: null, publicUrl: null, isTracking: false, mountIds: null };
    desk.enter(0, 1, '192.0.2.1', 'radio', home);
    desk.rest(0, keyOf(1));
    expect(desk.whyNot(1, keyOf(1))).toBeNull();
    expect(desk.isResting(RELAY_REST - 1, keyOf(1))).toBe(true);
    expect(desk.entries[0]?.reason).toContain('heard sound late from it');
    desk.lost(0, 1);
    expect(desk.sweep(RELAY_REST - 1)).toEqual([]);
    expect(desk.enter(RELAY_REST - 1, 2, '192.0.2.1', 'radio', home)).toBeNull();
    expect(desk.entries[0]?.reason).toContain('heard sound late from it');
    expect(desk.sweep(RELAY_REST)).toEqual([2]);
    expect(desk.isResting(RELAY_REST, keyOf(1))).toBe(false);
    expect(desk.entries[0]?.reason).toBe('');
  });

  test('refuses a relay at home that listeners complained of for an hour, also if it goes and comes again', () => {
    const desk = register();
    const home = { relayKey: keyOf(1), nickname: null, publicUrl: null, isTracking: false, mountIds: null };
    expect(desk.enter(0, 1, '192.0.2.1', 'radio', home)).toBeNull();
    expect(desk.distrusted(0, keyOf(1))).toEqual([1]);
    desk.lost(0, 1);
    desk.sweep(DROPPED_MS - 1);
    expect(desk.enter(DROPPED_MS - 1, 2, '192.0.2.1', 'radio', home)).toContain('complained');
    expect(desk.enter(DROPPED_MS, 3, '192.0.2.1', 'radio', home)).toBeNull();
    expect(desk.entries[0]?.reason).toBe('');
  });

  test('does not offer one that was dropped sooner because it went away for a while', () => {
    const desk = register();
    enter(desk, 1);
    succeed(desk, 1);
    for (const address of ['a', 'b', 'c']) desk.complained(0, urlOf(1), 'forged', address);
    desk.lost(0, 1);
    desk.sweep(10 * LOST_KEPT_MS);
    enter(desk, 1);
    succeed(desk, 1);
    expect(offered(desk, 10 * LOST_KEPT_MS)).toEqual([]);
    expect(offered(desk, DROPPED_MS)).toEqual([keyOf(1)]);
  });

  test('does not call a relay leaving that has come back', () => {
    const desk = register();
    enter(desk, 1);
    desk.leaving(keyOf(1));
    expect(desk.entries.map(({ reason }) => reason)).toEqual(['it is leaving']);
    enter(desk, 1);
    expect(desk.entries.map(({ reason }) => reason)).toEqual(['']);
  });

  test('forgives one lost probe, not two in a row, and wants to be convinced again', () => {
    const desk = register();
    enter(desk, 1);
    succeed(desk, 1);
    const fail = (): void =>
      desk.probed(0, keyOf(1), urlOf(1), { ok: false, fault: 'late', reason: 'it does not answer' });
    fail();
    expect(offered(desk)).toEqual([keyOf(1)]);
    for (let probe = 1; probe < FAILURES_TO_DROP; probe += 1) fail();
    expect(offered(desk)).toEqual([]);
    desk.probed(0, keyOf(1), urlOf(1), { ok: true, latencyMs: 20 });
    expect(offered(desk)).toEqual([]);
    succeed(desk, 1);
    expect(offered(desk)).toEqual([keyOf(1)]);
  });

  test('drops at once what lacks what it should have, and what forges for an hour', () => {
    const desk = register();
    for (const number of [1, 2]) {
      enter(desk, number);
      succeed(desk, number);
    }
    desk.probed(0, keyOf(1), urlOf(1), { ok: false, fault: 'wrong', reason: 'it lacks' });
    desk.probed(0, keyOf(2), urlOf(2), { ok: false, fault: 'forged', reason: 'it forges' });
    expect(offered(desk)).toEqual([]);
    for (const number of [1, 2]) succeed(desk, number);
    expect(offered(desk)).toEqual([keyOf(1)]);
    expect(offered(desk, DROPPED_MS + 1)).toEqual([keyOf(1), keyOf(2)]);
  });

  test('drops a relay that enough addresses complain of in time, not one that a single address dislikes', () => {
    const desk = register();
    enter(desk, 1);
    succeed(desk, 1);
    for (let count = 0; count < 10; count += 1) desk.complained(0, urlOf(1), 'late', '198.51.100.1');
    desk.complained(COMPLAINT_KEPT_MS + 1, urlOf(1), 'late', '198.51.100.2');
    desk.complained(COMPLAINT_KEPT_MS + 1, urlOf(1), 'late', '198.51.100.3');
    expect(offered(desk, COMPLAINT_KEPT_MS + 2)).toEqual([keyOf(1)]);
    for (let count = 0; count < COMPLAINTS_TO_DROP; count += 1)
      desk.complained(COMPLAINT_KEPT_MS + 2, urlOf(1), 'late', `198.51.100.${count}`);
    expect(offered(desk, COMPLAINT_KEPT_MS + 3)).toEqual([]);
  });

  test('takes relays as the operator says, and tells the others why not', () => {
    expect(enter(register({ ...ALL, allow: 'none' }), 1)).toMatch(/takes no relays/);
    const listed = register({ ...ALL, allow: 'listed', listed: [keyOf(1)] });
    expect(enter(listed, 1)).toBeNull();
    expect(enter(listed, 2)).toContain(keyOf(2));
    expect(enter(register({ ...ALL, banned: [keyOf(1)] }), 1)).toMatch(/banned/);
    const desk = register();
    enter(desk, 1);
    succeed(desk, 1);
    expect(desk.ban(keyOf(1))).toEqual([1]);
    expect(offered(desk)).toEqual([]);
    expect(enter(desk, 1)).toMatch(/banned/);
  });

  test('keeps a relay whose connection is lost for a while, and one that has another connection for good', () => {
    const desk = register();
    enter(desk, 1);
    enter(desk, 2);
    succeed(desk, 1);
    succeed(desk, 2);
    desk.enter(0, 99, null, 'radio', {
      relayKey: keyOf(2),
      nickname: null,
      publicUrl: urlOf(2),
      isTracking: false,
      mountIds: null,
    });
    desk.lost(0, 1);
    desk.lost(0, 2);
    desk.sweep(LOST_KEPT_MS);
    expect(offered(desk)).toEqual([keyOf(1), keyOf(2)]);
    desk.sweep(LOST_KEPT_MS + 1);
    expect(offered(desk)).toEqual([keyOf(2)]);
  });

  test('offers one that leaves to nobody, and again only after its probes when it is back', () => {
    const desk = register();
    enter(desk, 1);
    succeed(desk, 1);
    desk.leaving(keyOf(1));
    expect(offered(desk)).toEqual([]);
    succeed(desk, 1);
    expect(offered(desk)).toEqual([]);
    enter(desk, 1);
    expect(offered(desk)).toEqual([]);
    succeed(desk, 1);
    expect(offered(desk)).toEqual([keyOf(1)]);
  });

  test('names one that has some mounts only to those who hear them', () => {
    const desk = register();
    enter(desk, 1);
    enter(desk, 2, '192.0.2.2', ['a']);
    succeed(desk, 1);
    succeed(desk, 2);
    const named = (mountId: string | null): readonly string[] =>
      desk
        .pick(0, 'radio', mountId)
        .map(({ relayKey }) => relayKey)
        .toSorted();
    expect(named('a')).toEqual([keyOf(1), keyOf(2)]);
    expect(named('b')).toEqual([keyOf(1)]);
    expect(named(null)).toEqual([keyOf(1)]);
  });

  test('lets one machine run a few relays, and nobody take the address of another', () => {
    const desk = register();
    for (let number = 0; number < RELAYS_PER_ADDRESS_MAX; number += 1)
      expect(enter(desk, number, '192.0.2.1')).toBeNull();
    expect(enter(desk, 50, '192.0.2.1')).toMatch(/more than/);
    const thief = {
      relayKey: keyOf(60),
      nickname: null,
      publicUrl: urlOf(1),
      isTracking: false,
      mountIds: null,
    };
    expect(desk.enter(0, 60, '192.0.2.60', 'radio', thief)).toBeNull();
    succeed(desk, 1);
    expect(desk.enter(0, 61, '192.0.2.60', 'radio', { ...thief, relayKey: keyOf(61) })).toMatch(
      /Another relay/,
    );
  });

  test('names a few of many relays to each listener, the idle and near ones far more often', () => {
    const desk = register();
    for (let number = 1; number <= 20; number += 1) {
      enter(desk, number);
      succeed(desk, number, number <= 10 ? 20 : 400);
      const load = number === 10 ? 1 : 0.1;
      desk.tell(number, { listeners: 1, uploadKbps: 1, bytesMonth: 0, load, seeding: null, thanks: null });
    }
    const counts = new Map<string, number>();
    for (let asker = 0; asker < 1000; asker += 1) {
      const picked = desk.pick(0, 'radio');
      expect(picked).toHaveLength(OFFERED_MAX);
      const [first] = picked;
      counts.set(first?.relayKey ?? '', (counts.get(first?.relayKey ?? '') ?? 0) + 1);
    }
    const near = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => counts.get(keyOf(number)) ?? 0);
    const far = [11, 12, 13, 14, 15].map((number) => counts.get(keyOf(number)) ?? 0);
    expect(Math.min(...near)).toBeGreaterThan(2 * Math.max(...far));
    expect(counts.get(keyOf(10)) ?? 0).toBeLessThan(Math.min(...near) / 2);
    expect(desk.pick(0, 'another station')).toEqual([]);
  });
});

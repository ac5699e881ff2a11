import { describe, expect, it } from 'vitest';
import { EgressCounter, egressSum } from '../../../server/edge/egress.ts';
import { mountId } from '../../../shared/units.ts';

const ONE = mountId('0000000000000001');
const TWO = mountId('0000000000000002');

describe('egress counter', () => {
  it('keeps mounts and causes apart', () => {
    const egress = new EgressCounter();
    egress.add(ONE, 'seed', 10);
    egress.add(ONE, 'seed', 5);
    egress.add(ONE, 'repair', 1);
    egress.add(TWO, 'burst', 7);
    expect(egress.totals(ONE)).toEqual({ seed: 15, burst: 0, repair: 1, fallback: 0, relay: 0 });
    expect(egressSum(egress.totals(TWO))).toBe(7);
  });

  it('tells the rate of the last ten whole seconds', () => {
    let now = 0;
    const egress = new EgressCounter(() => now);
    for (let second = 0; second < 30; second++) {
      now = second * 1000;
      egress.add(ONE, 'fallback', second < 15 ? 100_000 : 16_000);
    }
    expect(egress.recentKbps(ONE)).toBeCloseTo(128);
    now += 60_000;
    expect(egress.recentKbps(ONE)).toBe(0);
    expect(egress.recentKbps(TWO)).toBe(0);
  });

  it('refuses what is no count of bytes', () => {
    for (const bytes of [-1, 0.5, Number.NaN])
      expect(() => new EgressCounter().add(ONE, 'seed', bytes)).toThrow(`current value is ${bytes}`);
  });
});

import { describe, expect, it } from 'vitest';
import { Surroundings } from '../../../server/relay/surroundings.ts';

describe('what sockets notice late', () => {
  it('is a sleep: the clock on the wall has gone on', () => {
    const surroundings = new Surroundings(() => '192.0.2.1');
    expect([0, 1_000, 3_000].map((at) => surroundings.look(at))).toEqual([null, null, null]);
    expect(surroundings.look(603_000)).toBe('the machine was away for 600 s');
    expect(surroundings.look(604_000)).toBeNull();
  });

  it('is another network, and not the loss of one', () => {
    let addresses = '192.0.2.1';
    const surroundings = new Surroundings(() => addresses);
    expect(surroundings.look(0)).toBeNull();
    addresses = '';
    expect(surroundings.look(1_000)).toBeNull();
    addresses = '198.51.100.7';
    expect(surroundings.look(2_000)).toBe('the network has changed');
    expect(surroundings.look(3_000)).toBeNull();
  });
});

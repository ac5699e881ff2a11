import type { RandomSource } from '../../../shared/units.ts';
import type { NatType, NetworkPreset } from './presets.ts';
import { weighted } from './random.ts';

const NAT_TYPES: readonly NatType[] = ['open', 'cone', 'restricted', 'symmetric'];

export const drawNat = (preset: NetworkPreset, random: RandomSource): NatType =>
  weighted(random, NAT_TYPES, (type) => preset.nat[type]);

/**
 * Whether hole punching works between two routers (RFC 5128, section 3): one whose port nobody can guess needs the
 * other to take packets from any port. There is no TURN.
 */
export function canConnect(one: NatType, other: NatType): boolean {
  if (one === 'symmetric') return other === 'open' || other === 'cone';
  if (other === 'symmetric') return one === 'open' || one === 'cone';
  return true;
}

import { STRIPES } from '../units.ts';
import type { Stripe } from '../units.ts';
import { bitOf, hasStripe, NO_STRIPES } from '../stripe-mask.ts';
import type { Neighbour } from './neighbours.ts';

/** Who is our child for which stripe: by stripe, so that a chunk is passed on without looking at everybody else. */
export class ChildLists {
  readonly #byStripe: Neighbour[][] = STRIPES.map(() => []);
  #count = 0;
  #childCount = 0;

  /** (Child, stripe) pairs. */
  get count(): number {
    return this.#count;
  }

  /** Neighbours that are our child for any stripe. */
  get neighbourCount(): number {
    return this.#childCount;
  }

  /** In the order in which they were adopted. */
  of(stripe: Stripe): readonly Neighbour[] {
    return this.#byStripe[stripe] ?? [];
  }

  add(neighbour: Neighbour, stripe: Stripe): void {
    if (hasStripe(neighbour.childMask, stripe)) return;
    if (neighbour.childMask === NO_STRIPES) this.#childCount += 1;
    neighbour.childMask |= bitOf(stripe);
    this.#byStripe[stripe]?.push(neighbour);
    this.#count += 1;
  }

  /** True if it was one. */
  remove(neighbour: Neighbour, stripe: Stripe): boolean {
    if (!hasStripe(neighbour.childMask, stripe)) return false;
    neighbour.childMask &= ~bitOf(stripe);
    const children = this.#byStripe[stripe];
    children?.splice(children.indexOf(neighbour), 1);
    this.#count -= 1;
    if (neighbour.childMask === NO_STRIPES) this.#childCount -= 1;
    return true;
  }

  /** The neighbour is gone. */
  forget(neighbour: Neighbour): void {
    if (neighbour.childMask === NO_STRIPES) return;
    for (const stripe of STRIPES) this.remove(neighbour, stripe);
  }
}

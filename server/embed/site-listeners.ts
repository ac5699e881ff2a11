import type { MountId } from '../../shared/units.ts';

export interface SiteCount {
  /** A site's origin, e.g. `https://blog.example`, or `own`, `none`, `more`. */
  readonly site: string;
  readonly listeners: number;
}

/** Sites told apart per mount; whoever comes from yet another is counted under MORE_SITES. */
export const SITES_MAX = 200;
export const MORE_SITES = 'more';

/** How many listeners each site has now. Nothing is kept of a listener: one comes, the number grows by one. */
export class SiteListeners {
  readonly #byMount = new Map<MountId, Map<string, number>>();

  /** Counts a listener in. The result is the name to give back to `leave`. */
  join(mountId: MountId, site: string): string {
    let sites = this.#byMount.get(mountId);
    if (sites === undefined) this.#byMount.set(mountId, (sites = new Map()));
    const name = sites.has(site) || sites.size < SITES_MAX ? site : MORE_SITES;
    sites.set(name, (sites.get(name) ?? 0) + 1);
    return name;
  }

  leave(mountId: MountId, name: string): void {
    const sites = this.#byMount.get(mountId);
    const count = sites?.get(name);
    if (sites === undefined || count === undefined) return;
    if (count > 1) sites.set(name, count - 1);
    else sites.delete(name);
  }

  /** The most listened first. */
  counts(mountId: MountId): readonly SiteCount[] {
    return Array.from(this.#byMount.get(mountId) ?? [], ([site, listeners]) => ({
      site,
      listeners,
    })).toSorted((a, b) => b.listeners - a.listeners || a.site.localeCompare(b.site));
  }
}

import type { MountId } from '../../shared/units.ts';

/** Whether a mount's seeds can be fed over WebRTC by anybody, us or a relay: told when that changes. */
export class SeedPaths {
  readonly #hasPlace: (mountId: MountId) => boolean;
  readonly #onPath: (mountId: MountId, up: boolean) => void;
  readonly #ownUp = new Set<MountId>();
  readonly #toldUp = new Set<MountId>();

  constructor(hasPlace: (mountId: MountId) => boolean, onPath: (mountId: MountId, up: boolean) => void) {
    this.#hasPlace = hasPlace;
    this.#onPath = onPath;
  }

  setOwn(mountId: MountId, up: boolean): void {
    if (up) this.#ownUp.add(mountId);
    else this.#ownUp.delete(mountId);
    this.look(mountId);
  }

  isUp(mountId: MountId): boolean {
    return this.#toldUp.has(mountId);
  }

  look(mountId: MountId): void {
    const up = this.#ownUp.has(mountId) || this.#hasPlace(mountId);
    if (up === this.#toldUp.has(mountId)) return;
    if (up) this.#toldUp.add(mountId);
    else this.#toldUp.delete(mountId);
    this.#onPath(mountId, up);
  }
}

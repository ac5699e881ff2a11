import { networkInterfaces } from 'node:os';

/** A clock that runs on during sleep is so much ahead after it. */
const SLEEP_MIN_MS = 15_000;

/** Notices what sockets notice late: that the machine slept, or that it has other addresses now. */
export class Surroundings {
  readonly #addresses: () => string;
  #addressesBefore: string;
  #lookedAt: number | null = null;

  constructor(addresses: () => string = machineAddresses) {
    this.#addresses = addresses;
    this.#addressesBefore = addresses();
  }

  /** To be called every second or so. Null, or in words what has changed. @param unixMs the clock on the wall */
  look(unixMs: number): string | null {
    const sinceMs = this.#lookedAt === null ? 0 : unixMs - this.#lookedAt;
    this.#lookedAt = unixMs;
    const addresses = this.#addresses();
    const moved = addresses !== this.#addressesBefore;
    this.#addressesBefore = addresses;
    // Without any address there is nothing to begin anew with.
    if (moved && addresses !== '') return 'the network has changed';
    return sinceMs > SLEEP_MIN_MS ? `the machine was away for ${Math.round(sinceMs / 1000)} s` : null;
  }
}

/** Addresses that others may reach; temporary IPv6 ones come and go, so their networks count. */
function machineAddresses(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).flatMap(({ internal, family, address }) => {
      if (internal || address.startsWith('fe80:')) return [];
      return [family === 'IPv6' ? address.split(':').slice(0, 4).join(':') : address];
    }),
  );
  return [...new Set(addresses)].toSorted().join(' ');
}

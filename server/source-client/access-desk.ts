import type { Config, Login } from '../config/config.ts';
import type { Clock } from '../ingest/clock.ts';
import { isSameLogin, readBasic } from './credentials.ts';
import { Penalties } from './penalties.ts';

/**
 * `missing`: no credentials came. `wrong`: they are not right. `throttled`: so many wrong ones came from this address
 * that they were not looked at.
 */
export type Verdict =
  { readonly type: 'granted'; readonly user: string } | { readonly type: 'missing' | 'wrong' | 'throttled' };

/** Decides who may administer and who may feed a mount. After wrong passwords an address waits for its answer. */
export class AccessDesk {
  readonly #admin: Login | null;
  readonly #sources: ReadonlyMap<string, Login>;
  readonly #penalties: Penalties;

  constructor(config: Pick<Config, 'admin' | 'stations'>, clock: Clock) {
    this.#admin = config.admin;
    this.#sources = new Map(
      config.stations
        .flatMap((station) => station.mounts)
        .flatMap((mount): readonly (readonly [string, Login])[] =>
          mount.sourceClient === null ? [] : [[mount.path, mount.sourceClient]],
        ),
    );
    this.#penalties = new Penalties(clock);
  }

  /** @param authorization the header's text. @param address the client's, reverse proxies taken into account. */
  admin(authorization: string | undefined, address: string): Promise<Verdict> {
    return this.#check(readBasic(authorization), address, this.#admin === null ? [] : [this.#admin]);
  }

  /** Whoever may send sound to this mount. */
  source(path: string, authorization: string | undefined, address: string): Promise<Verdict> {
    return this.#check(readBasic(authorization), address, this.#sourceLogins(path));
  }

  /** The same, for protocols that have no header: a bare password, or a user and a password. */
  sourceLogin(path: string, logins: readonly Partial<Login>[], address: string): Promise<Verdict> {
    const expected = this.#sources.get(path);
    const given = logins.map((login) => ({ user: expected?.user ?? '', password: '', ...login }));
    return this.#check(given, address, this.#sourceLogins(path));
  }

  /** Whoever may set the mount's title: its source or the administrator. */
  sourceOrAdmin(path: string, authorization: string | undefined, address: string): Promise<Verdict> {
    const logins = [...this.#sourceLogins(path), ...(this.#admin === null ? [] : [this.#admin])];
    return this.#check(readBasic(authorization), address, logins);
  }

  #sourceLogins(path: string): readonly Login[] {
    const login = this.#sources.get(path);
    return login === undefined ? [] : [login];
  }

  async #check(
    given: readonly Login[] | null,
    address: string,
    expected: readonly Login[],
  ): Promise<Verdict> {
    if (given === null) return { type: 'missing' };
    if (!(await this.#penalties.wait(address))) return { type: 'throttled' };
    const match = given.find((one) => expected.some((login) => isSameLogin(one, login)));
    if (match === undefined) {
      this.#penalties.add(address);
      return { type: 'wrong' };
    }
    this.#penalties.clear(address);
    return { type: 'granted', user: match.user };
  }
}

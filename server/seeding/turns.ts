/** Does what is asked for one key in the order of the asking, and for different keys at the same time. */
export class Turns<Key> {
  readonly #underWay = new Map<Key, Promise<unknown>>();

  /** Rejects as `act` does; what came before may have failed or not. */
  async take<Result>(key: Key, act: () => Promise<Result>): Promise<Result> {
    const before = this.#underWay.get(key) ?? Promise.resolve();
    const mine = before.then(act, act);
    this.#underWay.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#underWay.get(key) === mine) this.#underWay.delete(key);
    }
  }
}

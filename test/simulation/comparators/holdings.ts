/** A minute of chunks: more than any play-out delay compared. */
const KEPT = 256;

/** The chunks that one listener has; older ones are forgotten. */
export class Holdings {
  readonly #ring = new Int32Array(KEPT).fill(-1);
  newest = -1;

  has(chunk: number): boolean {
    return chunk >= 0 && this.#ring[chunk % KEPT] === chunk;
  }

  /** Those from this number on. */
  from(oldest: number): ReadonlySet<number> {
    const held = new Set<number>();
    for (let chunk = oldest; chunk <= this.newest; chunk += 1) if (this.has(chunk)) held.add(chunk);
    return held;
  }

  add(chunk: number): void {
    if (chunk <= this.newest - KEPT) return;
    this.#ring[chunk % KEPT] = chunk;
    this.newest = Math.max(this.newest, chunk);
  }
}

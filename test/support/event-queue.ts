/**
 * What happens later, in order of (time, order of asking): a heap with four branches. Only numbers move in it; an event
 * stays in its slot, as moving references about would be work for the garbage collector.
 */
export class EventQueue<Event> {
  /** By place in the heap. */
  #times = new Float64Array(FIRST_CAPACITY);
  /** By place in the heap; behind its end the slots that are free. */
  #slots = Int32Array.from({ length: FIRST_CAPACITY }, (_, slot) => slot);
  /** By slot. */
  #orders = new Float64Array(FIRST_CAPACITY);
  readonly #events: (Event | undefined)[] = [];
  #size = 0;
  #count = 0;

  get size(): number {
    return this.#size;
  }

  at(time: number, event: Event): void {
    if (this.#size === this.#times.length) this.#grow();
    const slot = this.#slots[this.#size] ?? 0;
    this.#orders[slot] = this.#count;
    this.#events[slot] = event;
    this.#count += 1;
    this.#size += 1;
    this.#rise(time, slot);
  }

  /** The next event's time, or Infinity. */
  nextTime(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] ?? 0);
  }

  next(): Event | undefined {
    if (this.#size === 0) return undefined;
    const first = this.#slots[0] ?? 0;
    const event = this.#events[first];
    this.#events[first] = undefined;
    this.#size -= 1;
    const last = this.#slots[this.#size] ?? 0;
    const time = this.#times[this.#size] ?? 0;
    this.#slots[this.#size] = first;
    if (this.#size > 0) this.#sink(time, last);
    return event;
  }

  /** Moves a hole up from the end to where the event belongs. */
  #rise(time: number, slot: number): void {
    let hole = this.#size - 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      const parentTime = this.#times[parent] ?? 0;
      // An event asked for later never comes before one of the same time.
      if (parentTime <= time) break;
      this.#put(hole, parentTime, this.#slots[parent] ?? 0);
      hole = parent;
    }
    this.#put(hole, time, slot);
  }

  /** Moves a hole down from the top to where the event belongs. */
  #sink(time: number, slot: number): void {
    let hole = 0;
    for (;;) {
      const child = this.#firstChild(hole);
      if (child === 0) break;
      const childTime = this.#times[child] ?? 0;
      const childSlot = this.#slots[child] ?? 0;
      if (!this.#isBefore(childTime, childSlot, time, slot)) break;
      this.#put(hole, childTime, childSlot);
      hole = child;
    }
    this.#put(hole, time, slot);
  }

  /** The place of the child that comes first; 0 if there is none. */
  #firstChild(place: number): number {
    const from = 4 * place + 1;
    if (from >= this.#size) return 0;
    const end = Math.min(from + 4, this.#size);
    let best = from;
    let bestTime = this.#times[from] ?? 0;
    for (let child = from + 1; child < end; child += 1) {
      const time = this.#times[child] ?? 0;
      if (time > bestTime) continue;
      if (time === bestTime && !this.#isBefore(time, this.#slots[child] ?? 0, time, this.#slots[best] ?? 0))
        continue;
      best = child;
      bestTime = time;
    }
    return best;
  }

  #isBefore(time: number, slot: number, otherTime: number, otherSlot: number): boolean {
    if (time !== otherTime) return time < otherTime;
    return (this.#orders[slot] ?? 0) < (this.#orders[otherSlot] ?? 0);
  }

  #put(place: number, time: number, slot: number): void {
    this.#times[place] = time;
    this.#slots[place] = slot;
  }

  #grow(): void {
    const capacity = 2 * this.#times.length;
    const times = new Float64Array(capacity);
    const orders = new Float64Array(capacity);
    const slots = Int32Array.from({ length: capacity }, (_, slot) => slot);
    times.set(this.#times);
    orders.set(this.#orders);
    slots.set(this.#slots);
    this.#times = times;
    this.#orders = orders;
    this.#slots = slots;
  }
}

const FIRST_CAPACITY = 1_024;

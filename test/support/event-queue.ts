/** What happens later, in order of (time, order of asking): a binary heap over three arrays. */
export class EventQueue {
  private readonly times: number[] = [];
  private readonly orders: number[] = [];
  private readonly runs: (() => void)[] = [];
  private count = 0;

  get size(): number {
    return this.times.length;
  }

  at(time: number, run: () => void): void {
    const order = this.count;
    this.count += 1;
    this.times.push(time);
    this.orders.push(order);
    this.runs.push(run);
    this.rise(this.times.length - 1, time, order, run);
  }

  /** The next event's time, or Infinity. */
  nextTime(): number {
    return this.times[0] ?? Number.POSITIVE_INFINITY;
  }

  next(): Entry | undefined {
    const first = this.entry(0);
    const last = this.entry(this.times.length - 1);
    if (first === undefined || last === undefined) return undefined;
    this.times.pop();
    this.orders.pop();
    this.runs.pop();
    if (this.times.length > 0) this.sink(last.time, last.order, last.run);
    return first;
  }

  private entry(index: number): (Entry & { readonly order: number }) | undefined {
    const run = this.runs[index];
    if (run === undefined) return undefined;
    return { time: this.times[index] ?? 0, order: this.orders[index] ?? 0, run };
  }

  /** Moves a hole up to where the event belongs: nothing is swapped. */
  private rise(from: number, time: number, order: number, run: () => void): void {
    let hole = from;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      // An event asked for later never comes before one of the same time.
      if ((this.times[parent] ?? 0) <= time) break;
      this.move(parent, hole);
      hole = parent;
    }
    this.put(hole, time, order, run);
  }

  private sink(time: number, order: number, run: () => void): void {
    const size = this.times.length;
    let hole = 0;
    for (;;) {
      const left = 2 * hole + 1;
      if (left >= size) break;
      const right = left + 1;
      const child = right < size && this.isBefore(right, left) ? right : left;
      const childTime = this.times[child] ?? 0;
      if (childTime > time || (childTime === time && (this.orders[child] ?? 0) > order)) break;
      this.move(child, hole);
      hole = child;
    }
    this.put(hole, time, order, run);
  }

  private isBefore(left: number, right: number): boolean {
    const one = this.times[left] ?? 0;
    const other = this.times[right] ?? 0;
    return one < other || (one === other && (this.orders[left] ?? 0) < (this.orders[right] ?? 0));
  }

  private move(from: number, to: number): void {
    const run = this.runs[from];
    if (run !== undefined) this.put(to, this.times[from] ?? 0, this.orders[from] ?? 0, run);
  }

  private put(at: number, time: number, order: number, run: () => void): void {
    this.times[at] = time;
    this.orders[at] = order;
    this.runs[at] = run;
  }
}

export interface Entry {
  readonly time: number;
  readonly run: () => void;
}

/** What happens later, in order of (time, order of asking): a binary heap. */
export class EventQueue {
  private readonly heap: Entry[] = [];
  private count = 0;

  get size(): number {
    return this.heap.length;
  }

  at(time: number, run: () => void): void {
    this.heap.push({ time, order: this.count, run });
    this.count += 1;
    this.up(this.heap.length - 1);
  }

  /** The next event's time, or Infinity. */
  nextTime(): number {
    return this.heap[0]?.time ?? Number.POSITIVE_INFINITY;
  }

  next(): Entry | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first !== undefined && last !== undefined && this.heap.length > 0) {
      this.heap[0] = last;
      this.down(0);
    }
    return first;
  }

  private up(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  private down(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const smaller = this.isBefore(right, left) ? right : left;
      if (!this.swapIfBefore(smaller, index)) return;
      index = smaller;
    }
  }

  private isBefore(left: number, right: number): boolean {
    const one = this.heap[left];
    const other = this.heap[right];
    if (one === undefined || other === undefined) return false;
    return one.time < other.time || (one.time === other.time && one.order < other.order);
  }

  private swapIfBefore(left: number, right: number): boolean {
    const one = this.heap[left];
    const other = this.heap[right];
    if (one === undefined || other === undefined || !this.isBefore(left, right)) return false;
    this.heap[left] = other;
    this.heap[right] = one;
    return true;
  }
}

export interface Entry {
  readonly time: number;
  readonly order: number;
  readonly run: () => void;
}

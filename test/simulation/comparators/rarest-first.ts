/** A chunk to be asked for, and the partners known to have it. */
export interface Wanted<Supplier> {
  readonly chunk: number;
  readonly suppliers: readonly Supplier[];
  /** Until it is due. */
  readonly availableMs: number;
}

/**
 * DONet's scheduling (Zhang, Liu, Li, Yum: "CoolStreaming/DONet", INFOCOM 2005, figure 3): chunks with the fewest
 * potential suppliers first; of several suppliers the one with the most bandwidth that still has the time. The sole
 * supplier of a chunk is asked in any case.
 * @param transferMs how long a supplier takes to send one chunk: the inverse of its bandwidth
 */
export function rarestFirst<Supplier>(
  wanted: readonly Wanted<Supplier>[],
  transferMs: (supplier: Supplier) => number,
): ReadonlyMap<Supplier, readonly number[]> {
  const orders = new Map<Supplier, number[]>();
  const rarestFirst = wanted.toSorted(
    (one, other) => one.suppliers.length - other.suppliers.length || one.chunk - other.chunk,
  );
  for (const { chunk, suppliers, availableMs } of rarestFirst) {
    let best: Supplier | null = null;
    let bestMs = Number.POSITIVE_INFINITY;
    for (const supplier of suppliers) {
      const ms = transferMs(supplier);
      const busyMs = (orders.get(supplier)?.length ?? 0) * ms;
      if (ms >= bestMs || (suppliers.length > 1 && busyMs + ms > availableMs)) continue;
      best = supplier;
      bestMs = ms;
    }
    if (best === null) continue;
    const order = orders.get(best);
    if (order === undefined) orders.set(best, [chunk]);
    else order.push(chunk);
  }
  return orders;
}

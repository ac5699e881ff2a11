/** What one mount's swarm does with our uplink. */
export interface UploadDemand {
  /** Kilobits per second that its children take now, as a share of the cap: never taken away while the total allows. */
  readonly usedKbps: number;
  /** Payload of the mount. */
  readonly bitrateKbps: number;
}

/**
 * The uplink, dealt to mounts: first what each one's children use, then the rest by bit rate. So a mount that is
 * asked for gets what another does not need, and no child is dropped for it.
 */
export function shareUpload(totalKbps: number, demands: readonly UploadDemand[]): readonly number[] {
  const used = demands.reduce((sum, { usedKbps }) => sum + usedKbps, 0);
  const rates = demands.reduce((sum, { bitrateKbps }) => sum + bitrateKbps, 0);
  if (used >= totalKbps) return demands.map(({ usedKbps }) => Math.floor((usedKbps / used) * totalKbps));
  const spare = totalKbps - used;
  return demands.map(({ usedKbps, bitrateKbps }) => Math.floor(usedKbps + (spare * bitrateKbps) / rates));
}

/** The same for listeners: whole ones, none lost. */
export function shareListeners(total: number, served: readonly number[]): readonly number[] {
  const kept = served.map((count) => count);
  let spare = total - kept.reduce((sum, count) => sum + count, 0);
  // Too many: the mounts with most listeners give.
  for (; spare < 0; spare += 1) {
    const most = kept.indexOf(Math.max(...kept));
    kept[most] = (kept[most] ?? 0) - 1;
  }
  const each = kept.length === 0 ? 0 : Math.floor(spare / kept.length);
  return kept.map((count, index) => count + each + (index < spare - each * kept.length ? 1 : 0));
}

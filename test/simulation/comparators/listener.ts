import type { Machine } from '../network/machine.ts';
import { UploadWatch } from '../upload-watch.ts';
import type { Ear } from './ear.ts';
import { Holdings } from './holdings.ts';

/** One listener of a comparator: the same machine as its twin in Essaim's own simulation. */
export class Listener {
  readonly machine: Machine;
  readonly joinedAt: number;
  readonly holdings = new Holdings();
  readonly upload: UploadWatch;
  readonly ear: Ear;
  isPresent = true;
  /** When its upload would have been paid for at the pace of its cap. */
  paidUntil = 0;

  constructor(machine: Machine, joinedAt: number, makeEar: (holdings: Holdings) => Ear) {
    this.machine = machine;
    this.joinedAt = joinedAt;
    this.upload = new UploadWatch(machine.uploadCapKbps);
    this.ear = makeEar(this.holdings);
  }
}

import type { EdgeComplaintReason, ListenerMessage } from '../../shared/tracker/messages.ts';

/** Complaints kept for a tracker that is to come. */
const COMPLAINTS_MAX = 8;

/**
 * Carries complaints about edges to the trackers, each once to each: the tracker that we have may be the very relay that
 * is complained of. Nothing is said before a genuine chunk has come: it may be our key that is wrong.
 */
export class EdgeComplaints {
  readonly #send: (message: ListenerMessage) => void;
  #complaints: readonly Complaint[] = [];
  #tracker: string | null = null;
  #hasHeardGenuine = false;

  constructor(send: (message: ListenerMessage) => void) {
    this.#send = send;
  }

  add(address: string, reason: EdgeComplaintReason): void {
    this.#complaints = [
      ...this.#complaints.slice(1 - COMPLAINTS_MAX),
      { address, reason, toldTo: new Set() },
    ];
    this.#tell();
  }

  heardGenuine(): void {
    if (this.#hasHeardGenuine) return;
    this.#hasHeardGenuine = true;
    this.#tell();
  }

  welcomedBy(tracker: string): void {
    this.#tracker = tracker;
    this.#tell();
  }

  trackerLost(): void {
    this.#tracker = null;
  }

  #tell(): void {
    if (this.#tracker === null || !this.#hasHeardGenuine) return;
    for (const { address, reason, toldTo } of this.#complaints) {
      if (toldTo.has(this.#tracker)) continue;
      toldTo.add(this.#tracker);
      this.#send({ type: 'edgeComplaint', address, reason });
    }
  }
}

interface Complaint {
  readonly address: string;
  readonly reason: EdgeComplaintReason;
  readonly toldTo: Set<string>;
}

import { TRACKER_PROTOCOL_VERSION } from '../tracker/messages.ts';
import type { TrackerMessage } from '../tracker/messages.ts';
import { peerId as toPeerId, stripe as toStripe, STRIPES } from '../units.ts';
import { emit } from './core.ts';
import type { Core } from './core.ts';

/** Whether the tracker counts us in: joining, being welcomed (with the id from before, when we come back), leaving. */
export class Membership {
  #isOpen = false;
  #resume: { readonly peerId: string; readonly secret: string } | undefined;

  onOpen(): void {
    this.#isOpen = true;
  }

  onClosed(core: Core): void {
    this.#isOpen = false;
    core.trackerReady = false;
  }

  onWelcome(core: Core, message: Extract<TrackerMessage, { type: 'welcome' }>): void {
    core.peerId = toPeerId(message.peerId);
    core.primaryStripe = toStripe(message.primaryStripe % STRIPES.length);
    core.trackerReady = true;
    this.#resume = { peerId: message.peerId, secret: message.secret };
  }

  /** Does nothing while there is no tracker, or peers are not allowed. */
  join(core: Core): void {
    if (!this.#isOpen || !core.peersAllowed) return;
    emit(core, {
      type: 'tracker',
      message: {
        type: 'join',
        version: TRACKER_PROTOCOL_VERSION,
        mountId: core.options.mountId,
        participation: core.options.participation,
        uploadCapKbps: core.uploadCapKbps,
        resume: this.#resume,
        neighbours: core.neighbours.ready().map((neighbour) => neighbour.peerId),
      },
    });
  }

  leave(core: Core): void {
    if (this.#isOpen && core.trackerReady) emit(core, { type: 'tracker', message: { type: 'leave' } });
    core.trackerReady = false;
  }
}

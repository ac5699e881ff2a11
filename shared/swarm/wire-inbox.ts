import { sequence } from '../units.ts';
import type { Millis } from '../units.ts';
import type { WireMessage } from '../wire/messages.ts';
import { WIRE_VERSION } from '../wire/messages.ts';
import { onAdopt } from './children.ts';
import { sendWire } from './core.ts';
import type { Core } from './core.ts';
import { takeIn } from './intake.ts';
import type { Introductions } from './introductions.ts';
import { LACKS_FORGIVEN, MESSAGE_RATE, WANT_RATE } from './limits.ts';
import { disconnect, dropMisbehaving, onPong, ping } from './links.ts';
import { applySummary, holds, noteHolding } from './neighbours.ts';
import type { Neighbour } from './neighbours.ts';
import { onPath, onRefuse } from './parents.ts';
import { answerWant } from './repair.ts';
import type { Repairs } from './repair.ts';

/** One message from a neighbour. Returns its type, or null if it was refused. */
export function onWireMessage(
  core: Core,
  now: Millis,
  neighbour: Neighbour,
  data: Uint8Array,
  repairs: Repairs,
  introductions: Introductions,
): WireMessage['type'] | null {
  const { peerId } = neighbour;
  neighbour.heardAt = now;
  neighbour.bytesReceived += data.length;
  if (!neighbour.messages.take(MESSAGE_RATE, now)) {
    dropMisbehaving(core, now, peerId, 'flood');
    return null;
  }
  const decoded = core.readers.message(data);
  if (!decoded.ok) {
    dropMisbehaving(core, now, peerId, 'malformed-message');
    return null;
  }
  if (decoded.message.type !== 'chunk') core.counters.controlBytesReceived += data.length;
  obey(core, now, neighbour, decoded.message, data, repairs, introductions);
  return decoded.message.type;
}

function obey(
  core: Core,
  now: Millis,
  neighbour: Neighbour,
  message: WireMessage,
  data: Uint8Array,
  repairs: Repairs,
  introductions: Introductions,
): void {
  const { peerId } = neighbour;
  switch (message.type) {
    case 'hello':
      if (message.version !== WIRE_VERSION) {
        disconnect(core, now, peerId, 'other-version');
        return;
      }
      neighbour.acceptsChildren = message.acceptsChildren;
      neighbour.primaryStripe = message.primaryStripe;
      if (neighbour.phase === 'ready') return;
      neighbour.phase = 'ready';
      ping(core, now, neighbour);
      return;
    case 'chunk':
      takeIn(core, now, message.wire, { from: 'peer', peerId, message: data }, neighbour);
      return;
    case 'have':
      applySummary(neighbour, message);
      return;
    case 'haveOne':
      noteHolding(neighbour, message.epoch, message.sequence);
      return;
    case 'want': {
      const allowed = neighbour.wants.take(WANT_RATE, now, message.sequences.length);
      if (allowed) answerWant(core, now, neighbour, message.epoch, message.sequences);
      else sendWire(core, neighbour, { type: 'lack', epoch: message.epoch, sequences: message.sequences });
      return;
    }
    case 'lack':
      repairs.onLack(peerId, message.sequences);
      for (const number of message.sequences) {
        if (holds(neighbour, message.epoch, sequence(number))) neighbour.lacks += 1;
        neighbour.held.remove(message.epoch, number);
      }
      if (neighbour.lacks > LACKS_FORGIVEN) dropMisbehaving(core, now, peerId, 'announced-but-lacking');
      return;
    case 'adopt':
      onAdopt(core, now, neighbour, message.stripe, { epoch: message.epoch, sequence: message.from });
      return;
    case 'path':
      onPath(core, now, neighbour, message.stripe, message.path);
      return;
    case 'refuse':
      onRefuse(core, now, neighbour, message.stripe, message.reason);
      return;
    case 'release':
      core.children.remove(neighbour, message.stripe);
      return;
    case 'ping':
      sendWire(core, neighbour, { type: 'pong', nonce: message.nonce });
      return;
    case 'pong':
      onPong(neighbour, now, message.nonce);
      return;
    case 'seek':
    case 'introduce':
    case 'signal':
    case 'carried':
      introductions.onMessage(core, now, neighbour, message);
      return;
  }
}

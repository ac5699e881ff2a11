import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import type { EngineInput, EngineOutput } from '../../shared/swarm/engine-io.ts';
import type { ListenerMessage, TrackerMessage } from '../../shared/tracker/messages.ts';
import type { PeerId } from '../../shared/units.ts';
import { decodeWire } from '../../shared/wire/wire-codec.ts';
import type { Watch } from './listener-model.ts';

/** What one engine heard (`<`) and did (`>`), line by line, with peers named in the order of their appearance. */
export class Transcript {
  readonly lines: string[] = [];
  readonly #names = new Map<string, string>();
  readonly #fromMs: number;
  readonly #untilMs: number;

  constructor(fromMs: number, untilMs: number) {
    this.#fromMs = fromMs;
    this.#untilMs = untilMs;
  }

  readonly watch: Watch = (now, input, outputs) => {
    // Names are given from the beginning, so that they do not depend on where the transcript starts.
    const heard = this.#input(input);
    const done = outputs.map((output) => this.#output(output)).filter((line) => line !== null);
    if (now < this.#fromMs || now >= this.#untilMs || (heard === null && done.length === 0)) return;
    const at = (now / 1000).toFixed(3);
    this.lines.push(`${at} < ${heard ?? input.type}`, ...done.map((line) => `${at} > ${line}`));
  };

  toString(): string {
    return `${this.lines.join('\n')}\n`;
  }

  #name(peerId: string): string {
    const name = this.#names.get(peerId) ?? `peer ${this.#names.size + 1}`;
    this.#names.set(peerId, name);
    return name;
  }

  #input(input: EngineInput): string | null {
    switch (input.type) {
      case 'linkMessage':
        return `${this.#name(input.peerId)}: ${this.#wire(input.data)}`;
      case 'linkOpen':
      case 'linkClosed':
      case 'linkWritable':
        return `${input.type} ${this.#name(input.peerId)}`;
      case 'tracker':
        return `tracker: ${this.#tracker(input.message)}`;
      case 'edgeChunk':
        return `edge: ${chunkName(input.data)} (${input.cause})`;
      case 'signal':
        return `signal for ${this.#name(input.to)}`;
      case 'verified':
      case 'tick':
        return null;
      case 'start':
      case 'stop':
      case 'trackerOpen':
      case 'trackerClosed':
      case 'burstDone':
      case 'fetchFailed':
      case 'streamClosed':
      case 'seedLink':
      case 'playhead':
      case 'setUploadCap':
      case 'setPeersAllowed':
      case 'setListenersMax':
      case 'retire':
        break;
    }
    return input.type;
  }

  #output(output: EngineOutput): string | null {
    switch (output.type) {
      case 'send':
        return `to ${this.#name(output.peerId)}: ${this.#wire(output.data)}`;
      case 'connect':
      case 'disconnect':
      case 'misbehaviour':
        return `${output.type} ${this.#name(output.peerId)}`;
      case 'tracker':
        return `to tracker: ${this.#tracker(output.message)}`;
      case 'signal':
        return `signal of ${this.#name(output.from)}`;
      case 'fetchChunk':
        return `fetch chunk ${output.sequence}`;
      case 'openStream':
        return `stream ${output.stripes.join(', ') || 'nothing'} (${output.cause})`;
      case 'seedTransport':
        return output.offer === null ? 'end the seed transport' : 'open the seed transport';
      case 'play':
        return `play ${output.chunk.header.sequence}${output.skipped > 0 ? ` after ${output.skipped} skipped` : ''}`;
      case 'due':
        return output.inTime ? null : `chunk ${output.sequence} missed`;
      case 'parent':
        return `stripe ${output.stripe} from ${this.#source(output.from)}`;
      case 'verify':
        return null;
      case 'fetchBurst':
        break;
    }
    return `fetch a burst of ${output.durationMs} ms`;
  }

  #source(from: PeerId | 'edge' | null): string {
    return from === null || from === 'edge' ? (from ?? 'nobody') : this.#name(from);
  }

  #wire(data: Uint8Array): string {
    const decoded = decodeWire(data);
    if (!decoded.ok) return `unreadable: ${decoded.reason}`;
    const { message } = decoded;
    switch (message.type) {
      case 'chunk':
        return chunkName(message.wire);
      case 'have':
        return `have from ${message.base}, hops ${message.depths.join(' ')}, room ${message.slotsFree}`;
      case 'want':
      case 'lack':
        return `${message.type} ${message.sequences.join(' ')}`;
      case 'haveOne':
        return `haveOne ${message.sequence}`;
      case 'adopt':
        return `adopt stripe ${message.stripe} from ${message.from}`;
      case 'path':
        return `path of stripe ${message.stripe}: ${message.path.length} hops`;
      case 'refuse':
        return `refuse stripe ${message.stripe}: ${message.reason}`;
      case 'release':
        return `release stripe ${message.stripe}`;
      case 'hello':
      case 'ping':
      case 'pong':
      case 'seek':
      case 'introduce':
      case 'signal':
      case 'carried':
        break;
    }
    return message.type;
  }

  #tracker(message: ListenerMessage | TrackerMessage): string {
    switch (message.type) {
      case 'welcome':
      case 'introduce':
        return `${message.type}: ${message.neighbours.map(({ peerId }) => this.#name(peerId)).join(', ')}`;
      case 'signal':
        return 'to' in message
          ? `signal for ${this.#name(message.to)}`
          : `signal of ${this.#name(message.from)}`;
      case 'seed':
        return `seed of ${message.stripes.join(', ') || 'nothing'} over ${message.transport}`;
      case 'need':
        return `need ${message.neighbours} neighbours, parents for ${message.parentsFor.join(', ') || 'nothing'}`;
      case 'peerLeft':
      case 'complaint':
        return `${message.type} ${this.#name(message.peerId)}`;
      case 'join':
      case 'report':
      case 'retire':
      case 'leave':
      case 'seedConnect':
      case 'seedFailed':
      case 'edges':
      case 'edgeComplaint':
        break;
    }
    return message.type;
  }
}

function chunkName(wire: Uint8Array): string {
  const decoded = decodeChunk(wire);
  return decoded.ok ? `chunk ${decoded.chunk.header.sequence}` : `no chunk: ${decoded.reason}`;
}

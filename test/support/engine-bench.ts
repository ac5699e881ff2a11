import type { EdgeCause, EngineInput, EngineOutput } from '../../shared/swarm/engine-io.ts';
import { ListenerEngine } from '../../shared/swarm/engine.ts';
import { SEEK_INTERVAL_MS } from '../../shared/swarm/limits.ts';
import type { Participation } from '../../shared/tracker/messages.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { epoch, kilobitsPerSecond, millis, peerId, sequence, stripe, STRIPES } from '../../shared/units.ts';
import type { MountId, PeerId } from '../../shared/units.ts';
import { NO_DEPTH, WIRE_VERSION } from '../../shared/wire/messages.ts';
import type { WireMessage } from '../../shared/wire/messages.ts';
import { decodeWire, encodeWire } from '../../shared/wire/wire-codec.ts';
import { seededRandom } from './seeded-random.ts';
import { MOUNT } from './virtual-origin.ts';

export const idOf = (number: number): PeerId => peerId(number.toString(16).padStart(16, '0'));
export const OWN_ID: PeerId = idOf(0xff);
export const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const WELCOME = {
  type: 'welcome',
  peerId: OWN_ID,
  secret: 's',
  serverTimeMs: 0,
  primaryStripe: 0,
  reportIntervalMs: 5000,
  neighbours: [],
  proposals: [],
} as const;

export interface EngineBenchOptions {
  /** Ready; else it has been there and is lost. */
  readonly tracker?: boolean;
  readonly participation?: Participation;
  readonly mountId?: MountId;
}

/** One engine alone, with neighbours that say what the test says. */
export class EngineBench {
  now = 1000;
  readonly engine: ListenerEngine;

  constructor({ tracker = false, participation = 'relay', mountId = MOUNT }: EngineBenchOptions = {}) {
    this.engine = new ListenerEngine(
      {
        mountId,
        participation,
        bitrateKbps: 128,
        uploadCapKbps: kilobitsPerSecond(2000),
        playoutDelayMs: 2500,
        peersAllowed: true,
      },
      seededRandom(1),
    );
    this.give({ type: 'start' });
    this.give({ type: 'trackerOpen' });
    this.give({ type: 'tracker', message: WELCOME });
    if (!tracker) this.give({ type: 'trackerClosed' });
  }

  give(input: EngineInput): readonly EngineOutput[] {
    return this.engine.handle(millis(this.now), input);
  }

  /** Time goes on in steps in which every neighbour gives a sign of life. */
  pass(durationMs: number): readonly EngineOutput[] {
    const outputs: EngineOutput[] = [];
    for (const until = this.now + durationMs; this.now < until;) {
      this.now = Math.min(until, this.now + 500);
      for (const { peerId: from } of this.neighbours())
        outputs.push(...this.hear(from, { type: 'pong', nonce: 0 }));
      outputs.push(...this.give({ type: 'tick' }));
    }
    return outputs;
  }

  hear(from: PeerId, message: WireMessage): readonly EngineOutput[] {
    return this.give({ type: 'linkMessage', peerId: from, data: encodeWire(message) });
  }

  carried(through: PeerId, from: PeerId, text = 'an offer'): readonly EngineOutput[] {
    return this.hear(through, { type: 'carried', from, data: textBytes(text) });
  }

  addNeighbour(neighbour: PeerId, { slotsFree = 0, depth = NO_DEPTH, acceptsChildren = true } = {}): void {
    this.give({ type: 'linkOpen', peerId: neighbour });
    const primaryStripe = stripe(0);
    this.hear(neighbour, { type: 'hello', version: WIRE_VERSION, acceptsChildren, primaryStripe });
    this.hear(neighbour, {
      type: 'have',
      epoch: epoch(1),
      base: sequence(0),
      held: new Uint8Array(0),
      depths: STRIPES.map(() => depth),
      slotsFree,
    });
  }

  /** An edge sends a chunk, and it is genuine. */
  receive({ wire }: Chunk, cause: EdgeCause = 'burst'): readonly EngineOutput[] {
    const outputs = this.give({ type: 'edgeChunk', data: wire, cause });
    const tickets = outputs.flatMap((output) => (output.type === 'verify' ? [output.ticket] : []));
    return [
      ...outputs,
      ...tickets.flatMap((ticket) => this.give({ type: 'verified', ticket, genuine: true })),
    ];
  }

  neighbours() {
    return this.engine.snapshot(millis(this.now)).neighbours;
  }

  /** Asks its only neighbour, as it does without being told; then that one names these. */
  introducedBy(neighbour: PeerId, peerIds: readonly PeerId[]): readonly EngineOutput[] {
    const asked = told(this.pass(2 * SEEK_INTERVAL_MS + 500), 'seek').map(({ to }) => to);
    if (!asked.includes(neighbour))
      throw new Error(
        `Cannot be introduced as ${neighbour} must be asked: current value is [${asked.join()}]`,
      );
    return this.hear(neighbour, { type: 'introduce', peerIds });
  }
}

/** What neighbours were told, of one type. */
export function told(outputs: readonly EngineOutput[], type: WireMessage['type']) {
  return outputs.flatMap((output) => {
    if (output.type !== 'send') return [];
    const decoded = decodeWire(output.data);
    if (!decoded.ok) throw new Error(`Cannot send what nobody can read: ${decoded.reason}`);
    return decoded.message.type === type ? [{ to: output.peerId, message: decoded.message }] : [];
  });
}

export const connected = (outputs: readonly EngineOutput[]): PeerId[] =>
  outputs.flatMap((output) => (output.type === 'connect' ? [output.peerId] : []));
export const signalsTaken = (outputs: readonly EngineOutput[]): string[] =>
  outputs.flatMap((output) => (output.type === 'signal' ? [`${output.from} ${output.data}`] : []));
export const trackerTold = (outputs: readonly EngineOutput[], type: string): unknown[] =>
  outputs.flatMap((output) =>
    output.type === 'tracker' && output.message.type === type ? [output.message] : [],
  );

import type { EngineInput, EngineOptions, EngineOutput } from '../../shared/swarm/engine-io.ts';
import { linksMax } from '../../client/listener/peer-links.ts';
import { collectionsOf } from '../../shared/swarm/collections.ts';
import type { CollectionSize } from '../../shared/swarm/collections.ts';
import { ListenerEngine } from '../../shared/swarm/engine.ts';
import { roomOf } from '../../shared/swarm/room.ts';
import type { PeerId, RandomSource } from '../../shared/units.ts';
import type { LinkEnd } from './links-model.ts';
import type { Machine } from './network/machine.ts';
import type { Happening, VirtualTime } from './virtual-time.ts';

/** Inputs that one turn may leave behind; more means that engine and driver feed each other without end. */
export const INPUTS_PER_TURN_MAX = 5_000;

/** Chunks whose verification is remembered: the window and more. */
export const VERIFIED_REMEMBERED = 512;

/** `gone`: closed or vanished; nothing reaches it any more. */
export type ListenerPhase = 'present' | 'gone';

/** Performs what an engine asks for. An input that comes of it at once is returned. */
export type Perform = (output: EngineOutput) => EngineInput | null;

export type Watch = (now: number, input: EngineInput, outputs: readonly EngineOutput[]) => void;

/** One listener: the production engine, driven on virtual time as `client/listener/driver.ts` drives it. */
export class SimulatedListener {
  readonly index: number;
  readonly engine: ListenerEngine;
  readonly machine: Machine;
  readonly joinedAt: number;
  /** Given by the tracker. */
  peerId: PeerId | null = null;
  phase: ListenerPhase = 'present';
  /** Links that its driver holds at a time, set-ups included. */
  readonly linksMax: number;
  /** By the peer at the other end. */
  readonly links = new Map<PeerId, LinkEnd>();
  /** By number modulo its length: one more than the number of the chunk that was verified last. */
  readonly verified = new Uint32Array(VERIFIED_REMEMBERED);
  /** Its script does not run before this: what comes meanwhile waits. */
  frozenUntil = 0;
  /** Sees every step of the engine, for transcripts. */
  watch: Watch | null = null;
  readonly #time: VirtualTime;
  readonly #perform: Perform;
  readonly #inbox: EngineInput[] = [];
  #running = false;
  #deadline = Number.POSITIVE_INFINITY;
  #armedFor = Number.POSITIVE_INFINITY;
  /** Alarms that have gone off, to be used again. */
  readonly #spareAlarms: Alarm[] = [];

  constructor(
    index: number,
    options: EngineOptions,
    machine: Machine,
    time: VirtualTime,
    perform: Perform,
    random: RandomSource,
  ) {
    this.index = index;
    this.machine = machine;
    this.joinedAt = time.now;
    this.#time = time;
    this.#perform = perform;
    this.engine = new ListenerEngine(options, random);
    this.linksMax = linksMax(roomOf(options.participation).neighboursMax);
  }

  collections(): readonly CollectionSize[] {
    return collectionsOf(this.engine.parts());
  }

  give(input: EngineInput): void {
    if (this.phase === 'gone') return;
    if (this.frozenUntil > this.#time.now) {
      this.#time.at(this.frozenUntil, () => {
        this.give(input);
      });
      return;
    }
    if (this.#running) this.#inbox.push(input);
    else this.#turn(input);
  }

  #turn(first: EngineInput): void {
    this.#running = true;
    let taken = 0;
    let input: EngineInput | undefined = first;
    while (input !== undefined) {
      taken += 1;
      if (taken > INPUTS_PER_TURN_MAX)
        throw new Error(
          `Cannot end a turn of listener ${this.index} as it takes at most ${INPUTS_PER_TURN_MAX} inputs: current value is ${input.type}`,
        );
      const outputs = this.engine.handle(this.#time.now, input);
      this.watch?.(this.#time.now, input, outputs);
      // Nearly every step has one answer at most: it needs no list.
      let answered: EngineInput | null = null;
      for (const output of outputs) {
        const answer = this.#perform(output);
        if (answer === null) continue;
        if (answered === null && this.#inbox.length === 0) answered = answer;
        else this.#inbox.push(answer);
      }
      input = answered ?? this.#inbox.shift();
    }
    this.#running = false;
    this.#deadline = this.engine.deadline() ?? Number.POSITIVE_INFINITY;
    this.#arm();
  }

  /** One timer: an earlier one that is pending already is left to fire and to arm the next. */
  #arm(): void {
    if (this.#deadline >= this.#armedFor) return;
    const alarm = this.#spareAlarms.pop() ?? new Alarm(this);
    alarm.armedFor = this.#deadline;
    this.#armedFor = this.#deadline;
    this.#time.at(this.#deadline, alarm);
  }

  fire(alarm: Alarm): void {
    const { armedFor } = alarm;
    this.#spareAlarms.push(alarm);
    if (this.#armedFor !== armedFor || this.phase === 'gone') return;
    this.#armedFor = Number.POSITIVE_INFINITY;
    if (this.#deadline <= this.#time.now) this.give({ type: 'tick' });
    else this.#arm();
  }
}

/** One arming of a listener's timer. */
class Alarm implements Happening {
  armedFor = 0;
  readonly #listener: SimulatedListener;

  constructor(listener: SimulatedListener) {
    this.#listener = listener;
  }

  happen(): void {
    this.#listener.fire(this);
  }
}

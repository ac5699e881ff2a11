import type { Still, StillNode } from './painter.ts';
import type { SceneNode } from './scene.ts';
import { placeOf, strandIn, strandKey, strandOut } from './strand.ts';
import type { Stage, Strand } from './strand.ts';

/** How long somebody takes to come, to go, or to another place. */
const MOVE_MS = 700;

interface Moving {
  readonly node: SceneNode;
  readonly from: { readonly x: number; readonly y: number; readonly presence: number };
  /** Left: fades where it stands. */
  readonly presence: 0 | 1;
  readonly since: number;
}

/** Lets people come, go and change places softly; between changes nothing is computed. */
export class SceneMotion {
  #moving = new Map<string, Moving>();
  #settledAt = 0;
  #cached: { readonly stage: Stage; readonly still: Still } | null = null;

  /** Where everybody shall be. @returns whether that is new. */
  aim(nodes: readonly SceneNode[], isSoft: boolean, now: number): boolean {
    const next = new Map<string, Moving>();
    let changed = false;
    for (const node of nodes) {
      const before = this.#moving.get(node.id);
      if (before !== undefined && before.presence === 1 && isSame(before.node, node)) {
        next.set(node.id, before);
        continue;
      }
      changed = true;
      const from = before === undefined ? { x: node.x, y: node.y, presence: 0 } : this.#placeOf(before, now);
      next.set(node.id, { node, from, presence: 1, since: isSoft ? now : -MOVE_MS });
    }
    for (const [id, before] of this.#moving) {
      if (next.has(id)) continue;
      if (before.presence === 0) {
        if (now - before.since < MOVE_MS) next.set(id, before);
        continue;
      }
      changed = true;
      if (!isSoft) continue;
      const node = { ...before.node, gives: [], takes: [] };
      next.set(id, { node, from: this.#placeOf(before, now), presence: 0, since: now });
    }
    this.#moving = next;
    if (changed) {
      this.#settledAt = isSoft ? now + MOVE_MS : now;
      this.#cached = null;
    }
    return changed;
  }

  isMoving(now: number): boolean {
    return now < this.#settledAt;
  }

  forgetPaths(): void {
    this.#cached = null;
  }

  at(now: number, stage: Stage): Still {
    if (this.#cached !== null && this.#cached.stage === stage) return this.#cached.still;
    const strands = new Map<string, Strand>();
    const nodes: StillNode[] = [];
    for (const moving of this.#moving.values()) {
      const { id, gives, takes } = moving.node;
      const shown = this.#placeOf(moving, now);
      if (shown.presence === 0) continue;
      const place = placeOf(stage, shown);
      const hasPart = gives.length + takes.length > 0;
      nodes.push({ id, place, hasPart, presence: shown.presence });
      for (const stripe of gives) strands.set(strandKey('in', id, stripe), strandIn(stage, place, stripe));
      for (const stripe of takes) strands.set(strandKey('out', id, stripe), strandOut(stage, place, stripe));
    }
    const still = { strands, nodes };
    if (!this.isMoving(now)) this.#cached = { stage, still };
    return still;
  }

  #placeOf(moving: Moving, now: number): { x: number; y: number; presence: number } {
    const share = Math.min(1, Math.max(0, (now - moving.since) / MOVE_MS));
    const eased = 1 - (1 - share) ** 3;
    const between = (from: number, to: number): number => from + (to - from) * eased;
    return {
      x: between(moving.from.x, moving.node.x),
      y: between(moving.from.y, moving.node.y),
      presence: between(moving.from.presence, moving.presence),
    };
  }
}

const isSame = (a: SceneNode, b: SceneNode): boolean =>
  a.x === b.x && a.y === b.y && a.gives.join() === b.gives.join() && a.takes.join() === b.takes.join();

import type { EngineSnapshot } from '../../../shared/swarm/engine-io.ts';
import type { SoundFlow } from '../../listener/sound-flow.ts';
import type { Strings } from '../../strings/strings.ts';
import { make } from '../element.ts';
import { paintMe, paintPulses, paintStill } from './painter.ts';
import type { Palette } from './painter.ts';
import { Pulses, TRAVEL_MS } from './pulses.ts';
import { layOut } from './scene.ts';
import { SceneMotion } from './scene-motion.ts';
import { stageOf } from './strand.ts';
import type { Stage } from './strand.ts';

/** Calm movement needs no more; every picture costs the machine. */
const FRAMES_PER_SECOND = 15;
const PIXEL_RATIO_MAX = 2;

/**
 * The swarm as I live it, from real data: me in the middle, whoever gives me sound on the left, whoever gets it from me
 * on the right, one strand for each stripe, and every chunk on its way. Nothing is drawn while nothing moves, while it
 * cannot be seen, or (but for who is there) for a person who wants no motion.
 */
export class SwarmDrawing {
  readonly element = make('canvas', { class: 'es-swarm', part: 'swarm', attributes: { role: 'img' } });
  readonly #context = this.element.getContext('2d');
  readonly #motion = new SceneMotion();
  readonly #pulses = new Pulses();
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #over = new AbortController();
  readonly #watchers: { disconnect(): void }[] = [];
  #strings: Strings;
  #stage: Stage = stageOf(0, 0);
  #palette: Palette | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isInView = true;
  #isSounding = false;

  constructor(strings: Strings) {
    this.#strings = strings;
    this.setStrings(strings);
    const { signal } = this.#over;
    const redraw = (): void => this.#redraw();
    this.#still.addEventListener('change', redraw, { signal });
    this.#dark.addEventListener('change', redraw, { signal });
    document.addEventListener('visibilitychange', redraw, { signal });
    document.fonts.ready.then(redraw, redraw);
    const size = new ResizeObserver(() => this.#resize());
    const view = new IntersectionObserver((entries) => {
      this.#isInView = entries.some(({ isIntersecting }) => isIntersecting);
      if (this.#isInView) this.#redraw();
    });
    size.observe(this.element);
    view.observe(this.element);
    this.#watchers.push(size, view);
    this.#motion.aim(SILENCE, false, 0);
  }

  /** Who is there now. @param snapshot null: everything comes from the station. */
  show(snapshot: EngineSnapshot | null, isSounding: boolean): void {
    this.#isSounding = isSounding;
    const isCalm = this.#still.matches || !this.#isVisible();
    const changed = this.#motion.aim(
      isSounding ? layOut(snapshot) : SILENCE,
      isSounding && !isCalm,
      performance.now(),
    );
    if (!isSounding) this.#pulses.clear();
    if (changed || !isSounding) this.#redraw();
  }

  /** A chunk comes or goes. */
  flow(flow: SoundFlow): void {
    if (this.#still.matches || !this.#isVisible() || !this.#isSounding) return;
    this.#pulses.add(flow, performance.now());
    this.#arm();
  }

  setStrings(strings: Strings): void {
    this.#strings = strings;
    this.element.setAttribute('aria-label', strings.swarm.drawing);
    this.#redraw();
  }

  close(): void {
    this.#over.abort();
    for (const watcher of this.#watchers) watcher.disconnect();
    this.#disarm();
  }

  #isVisible(): boolean {
    return this.#isInView && !document.hidden && this.#stage.width > 0;
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.element;
    const ratio = Math.min(devicePixelRatio, PIXEL_RATIO_MAX);
    this.#stage = stageOf(clientWidth, clientHeight);
    this.element.width = Math.round(clientWidth * ratio);
    this.element.height = Math.round(clientHeight * ratio);
    this.#context?.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#motion.forgetPaths();
    this.#redraw();
  }

  /** Something other than time has changed: colours, words, size, who is there. */
  #redraw(): void {
    this.#palette = null;
    if (this.#isVisible()) this.#paint();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => this.#paint(), 1000 / FRAMES_PER_SECOND);
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #paint(): void {
    this.#disarm();
    const context = this.#context;
    if (context === null || !this.#isVisible()) return;
    const now = performance.now();
    const palette = (this.#palette ??= paletteOf(this.element));
    const still = this.#motion.at(now, this.#stage);
    const pulses = this.#pulses.at(now);
    const { you, station } = this.#strings.swarm;
    paintStill(context, this.#stage, still, palette, { you, station });
    paintPulses(context, still.strands, pulses, palette, now);
    paintMe(context, this.#stage, palette, this.#glow(now, pulses), this.#isSounding);
    if (this.#pulses.isMoving || this.#motion.isMoving(now)) this.#arm();
  }

  /** Sound that is just arriving makes me glow. */
  #glow(now: number, pulses: readonly { direction: 'in' | 'out'; startsAt: number }[]): number {
    const near = pulses
      .filter(({ direction }) => direction === 'in')
      .map(({ startsAt }) => (now - startsAt) / TRAVEL_MS);
    return Math.max(0, ...near.map((share) => (share - 0.7) / 0.3));
  }
}

/** Nothing sounds: the station and me, and nothing between us. */
const SILENCE = layOut(null).map((node) => ({ ...node, gives: [] }));

/** The element's own styles resolve what a canvas cannot: `light-dark()`, mixed colours, custom properties. */
function paletteOf(element: HTMLElement): Palette {
  const style = getComputedStyle(element);
  return {
    ink: style.color,
    accent: style.caretColor,
    quiet: style.outlineColor,
    line: style.columnRuleColor,
    ground: style.textDecorationColor,
    font: style.fontFamily,
  };
}

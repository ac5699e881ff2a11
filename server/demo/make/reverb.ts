/** The sound of a loop: left and right, the end joins the beginning. */
export interface StereoLoop {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

export const stereoLoop = (sampleCount: number): StereoLoop => {
  return { left: new Float64Array(sampleCount), right: new Float64Array(sampleCount) };
};

/**
 * A hall: eight delay lines of coprime lengths that feed each other through a Householder matrix (Jot's feedback
 * delay network), each losing its highs as it goes. Run over the loop twice, so that its end rings into its beginning.
 */
export function addReverb(dry: StereoLoop, wet: StereoLoop, amount: number, decay: number): void {
  const lines = LINE_SAMPLES.map((length) => new Float64Array(length));
  const damped = new Float64Array(lines.length);
  const out = new Float64Array(lines.length);
  const sampleCount = dry.left.length;
  for (let step = 0; step < 2 * sampleCount; step++) {
    const at = step % sampleCount;
    const left = dry.left[at] ?? 0;
    const right = dry.right[at] ?? 0;
    let sum = 0;
    for (const [index, line] of lines.entries()) {
      const heard = line[step % line.length] ?? 0;
      const low = (damped[index] ?? 0) * DAMPING + heard * (1 - DAMPING);
      damped[index] = low;
      out[index] = low;
      sum += low;
    }
    const mean = (2 * sum) / lines.length;
    for (const [index, line] of lines.entries())
      line[step % line.length] = ((out[index] ?? 0) - mean) * decay + (index % 2 === 0 ? left : right);
    if (step < sampleCount) continue;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = out;
    wet.left[at] = (wet.left[at] ?? 0) + (a + c - e + g) * amount;
    wet.right[at] = (wet.right[at] ?? 0) + (b - d + f + h) * amount;
  }
}

const LINE_SAMPLES = [1783, 2039, 2339, 2617, 2957, 3307, 3671, 4001];
const DAMPING = 0.32;

/** Echoes that wander from side to side, each duller than the one before, round the loop's seam. */
export function addEcho(loop: StereoLoop, delaySamples: number, feedback: number): void {
  const dry = loop.left.map((left, index) => (left + (loop.right[index] ?? 0)) / 2);
  const sampleCount = dry.length;
  let gain = feedback;
  for (let echo = 1; gain > 0.02; echo++, gain *= feedback) {
    const target = echo % 2 === 1 ? loop.right : loop.left;
    let dull = 0;
    const shift = (echo * delaySamples) % sampleCount;
    const softness = 0.4 + 0.35 * (1 - 1 / echo);
    for (let step = -4096; step < sampleCount; step++) {
      const from = (step + sampleCount) % sampleCount;
      dull = dull * softness + (dry[from] ?? 0) * (1 - softness);
      if (step < 0) continue;
      const to = (step + shift) % sampleCount;
      target[to] = (target[to] ?? 0) + dull * gain;
    }
  }
}

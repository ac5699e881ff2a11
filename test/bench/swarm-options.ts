import { parseArgs } from 'node:util';
import { z } from 'zod';

export interface SwarmOptions {
  readonly listeners: number;
  readonly tabs: number;
  /** Seconds. */
  readonly warmup: number;
  readonly seconds: number;
  readonly json?: string | undefined;
}

export type SwarmOptionsRead =
  { readonly ok: true; readonly options: SwarmOptions } | { readonly ok: false; readonly message: string };

const USAGE = 'npm run bench:swarm -- [--listeners 30] [--tabs 0] [--warmup 20] [--seconds 60] [--json FILE]';

const count = z.coerce.number().int().min(0).max(500);
const duration = z.coerce.number().positive().max(3600);
const optionsSchema: z.ZodType<SwarmOptions> = z
  .object({
    listeners: count.default(30),
    tabs: count.default(0),
    warmup: duration.default(20),
    seconds: duration.default(60),
    json: z.string().optional(),
  })
  .refine(({ listeners, tabs }) => listeners + tabs > 0, {
    path: ['listeners'],
    message: 'somebody must listen, in Node or in a tab',
  });

/** @param args without the program's own name. The message names the flag that is wrong. */
export function readSwarmOptions(args: readonly string[]): SwarmOptionsRead {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { listeners: text, tabs: text, warmup: text, seconds: text, json: text },
    });
    const parsed = optionsSchema.safeParse(values);
    if (parsed.success) return { ok: true, options: parsed.data };
    const [issue] = parsed.error.issues;
    const flag = issue?.path.join('.') ?? '';
    return { ok: false, message: `Cannot take --${flag} as it stands: ${issue?.message ?? ''}\n${USAGE}` };
  } catch (error) {
    return { ok: false, message: `${error instanceof Error ? error.message : String(error)}\n${USAGE}` };
  }
}

import { z } from '@hono/zod-openapi';
import { mountDescriptionSchema } from '../../shared/station/description.ts';
import { shownStationSchema } from '../../shared/station/page.ts';
import { epoch, mountId, sequence, STRIPE_COUNT, stripe } from '../../shared/units.ts';

/** What comes in over the API's addresses, and the names under which OpenAPI shows what goes out. */

// The core's schemas are zod's small ones, which OpenAPI's generator does not read: their JSON Schema becomes large ones.
const large = (schema: z.core.$ZodType) => z.fromJSONSchema(z.toJSONSchema(schema, { io: 'input' }));
export const mountSchema = large(mountDescriptionSchema).openapi('Mount');
export const stationSchema = large(shownStationSchema).openapi('Station');
export const playerSchema = z
  .object({
    station: stationSchema,
    settings: z.object({ playoutDelayMs: z.number(), uploadCapKbps: z.number() }),
    page: z.string(),
  })
  .openapi('Player');
export const stationsSchema = z.object({ stations: z.array(stationSchema) }).openapi('Stations');
export const errorSchema = z.object({ error: z.string() }).openapi('Error');

/** The longest burst: all of the window. */
export const BURST_SECONDS_MAX = 30;
const BURST_SECONDS_DEFAULT = 3;

const mountIdParam = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits')
  .transform((text) => mountId(text))
  .openapi({ type: 'string', example: '0123456789abcdef' });

const wholeNumber = (digits: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(new RegExp(`^\\d{1,${digits}}$`), 'must be a whole number')
    .transform(Number)
    .openapi({ type: 'integer' });

export const stationParams = z.object({ station: z.string().max(63) });
export const mountParams = z.object({ mountId: mountIdParam });
export const chunkParams = z.object({
  mountId: mountIdParam,
  epoch: wholeNumber(15).transform(epoch),
  sequence: wholeNumber(10).transform(sequence),
});

export const burstQuery = z.object({
  seconds: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,3})?$/, 'must be a number of seconds')
    .transform(Number)
    .pipe(z.number().max(BURST_SECONDS_MAX))
    .optional()
    .transform((seconds) => seconds ?? BURST_SECONDS_DEFAULT)
    .openapi({ type: 'number', maximum: BURST_SECONDS_MAX, default: BURST_SECONDS_DEFAULT }),
});

export const streamQuery = z.object({
  stripes: z
    .string()
    .regex(/^\d(,\d){0,15}$/, 'must be stripe numbers with commas, like 0,2')
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.number().max(STRIPE_COUNT - 1)))
    .transform((numbers) => new Set(numbers.map(stripe)))
    .optional()
    .openapi({ type: 'string', example: '0,2' }),
  cause: z.enum(['seed', 'fallback', 'relay']).default('fallback'),
  relay: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, "must be a relay's public key")
    .optional()
    .openapi({ type: 'string', description: 'With the cause `relay`: who takes the stream.' }),
  from: z
    .string()
    .regex(/^\d{1,15}\.\d{1,10}$/, 'must be EPOCH.SEQUENCE')
    .transform((text) => {
      const [whole = '', part = ''] = text.split('.');
      return { epoch: epoch(Number(whole)), sequence: sequence(Number(part)) };
    })
    .optional()
    .openapi({ type: 'string', example: '1700000000000.42' }),
});

import { z } from 'zod';
import { configFileSchema } from './config-schema.ts';

/**
 * One line for a person: which field, what it must be, what it is. Secrets are not repeated.
 * @param root the value that was checked.
 */
export function describeIssue(issue: z.core.$ZodIssue, root: unknown): string {
  const where = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(issue.path);
    const names = issue.keys.map((key) => `"${key}"${hint(key, known)}`).join(', ');
    return `${where || 'the file'}: unknown field ${names}`;
  }
  return `${where || 'the file'}: ${issue.message}: current value is ${shown(issue.path, root)}`;
}

/** E.g. `stations[0].mounts[1].path`. */
function pathText(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.join('').replace(/^\./, '');
}

function shown(path: readonly PropertyKey[], root: unknown): string {
  const value = path.reduce(childOf, root);
  if (value === undefined) return 'missing';
  if (path.some((step) => SECRETS.has(String(step)))) return 'not shown';
  const text = JSON.stringify(value, (key, item: unknown) => (SECRETS.has(key) ? 'not shown' : item));
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text;
}

const VALUE_LENGTH_MAX = 80;
const SECRETS: ReadonlySet<string> = new Set(['secret', 'password', 'webhookToken']);

function childOf(value: unknown, step: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(String(step));
}

/** The names that are allowed there, out of the schema itself. */
function fieldsAt(path: readonly PropertyKey[]): readonly string[] {
  const root: unknown = z.toJSONSchema(configFileSchema, { io: 'input', unrepresentable: 'any' });
  const place = path.reduce(
    (schema: unknown, step) =>
      typeof step === 'number' ? childOf(schema, 'items') : childOf(childOf(schema, 'properties'), step),
    root,
  );
  return Object.keys(Object(childOf(place, 'properties')));
}

function hint(key: string, known: readonly string[]): string {
  const [nearest] = known
    .map((field) => ({ field, distance: editDistance(key.toLowerCase(), field.toLowerCase()) }))
    .filter(({ field, distance }) => distance <= Math.ceil(field.length / 3))
    .toSorted((left, right) => left.distance - right.distance);
  return nearest === undefined ? ` (there are: ${known.join(', ')})` : ` (did you mean "${nearest.field}"?)`;
}

/** Levenshtein's distance. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(left).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(right).entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Types instead of values, with the keys in order: two answers of one shape are equal. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => shapeOf(item));
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => left.localeCompare(right))
      .map(([key, item]: [string, unknown]) => [key, shapeOf(item)]),
  );
}

/**
 * How ours differs from theirs, e.g. `+ json bitrate`, without the differences that are known.
 * @param theirs a map, or an object.
 */
export function withoutKnown(
  kind: string,
  theirs: ReadonlyMap<string, unknown> | object,
  ours: ReadonlyMap<string, unknown> | object,
  known: Readonly<Record<string, string>>,
): readonly string[] {
  const left = theirs instanceof Map ? theirs : new Map<string, unknown>(Object.entries(theirs));
  const right = ours instanceof Map ? ours : new Map<string, unknown>(Object.entries(ours));
  const names = [...new Set([...left.keys(), ...right.keys()])].map(String);
  return names.flatMap((name) => {
    const sign = !left.has(name)
      ? '+'
      : !right.has(name)
        ? '-'
        : left.get(name) === right.get(name)
          ? ''
          : '≠';
    const difference = `${sign} ${kind} ${name}`;
    return sign === '' || Object.hasOwn(known, difference) ? [] : [difference];
  });
}

/**
 * All of an answer's body, however long it says it is.
 * @throws Error (the promise rejects) if there is more than that, and the rest is not asked for.
 */
export async function boundedBytes({ body }: Response, lengthMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > lengthMax) throw new Error(`Cannot take more than ${lengthMax} bytes from there`);
    parts.push(part);
  }
  return Uint8Array.from(Buffer.concat(parts));
}

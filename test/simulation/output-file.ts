import { open } from 'node:fs/promises';

/**
 * Proves before a long run that its result can be written; what the file holds stays.
 * @throws RangeError that names the option.
 */
export async function expectWritable(option: string, file: string): Promise<void> {
  try {
    const handle = await open(file, 'a');
    await handle.close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(
      `Cannot write --${option} as ${file} must be a file in a folder of yours: ${reason}`,
    );
  }
}

/** With several runs, each has a file of its own: `name` comes before the ending. */
export function fileFor(file: string, name: string, several: boolean): string {
  if (!several) return file;
  const dot = file.lastIndexOf('.');
  // A dot in a folder's name is none of the file's.
  return dot <= file.lastIndexOf('/') + 1
    ? `${file}-${name}`
    : `${file.slice(0, dot)}-${name}${file.slice(dot)}`;
}

import { stripVTControlCharacters } from 'node:util';

const COLOUR = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]*m)`);

/** Words in lines. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** What is to be seen of it, that much of it; colours end where they would. */
export function clip(text: string, width: number): string {
  if (stripVTControlCharacters(text).length <= width) return text;
  let left = Math.max(0, width - 1);
  let isCut = false;
  // Every second part is the code of a colour.
  const parts = text.split(COLOUR).map((part, index) => {
    if (index % 2 === 1) return part;
    if (isCut) return '';
    isCut = part.length > left;
    const kept = part.slice(0, left);
    left -= kept.length;
    return isCut ? `${kept}…` : kept;
  });
  return parts.join('');
}

import { parseSync, Visitor } from 'vite';
import type { ESTree } from 'vite';

/** Properties, attributes and arguments that a person reads or hears. */
const READ_PROPERTIES = new Set([
  'text',
  'textContent',
  'innerText',
  'title',
  'alt',
  'label',
  'placeholder',
  'ariaLabel',
  'ariaDescription',
  'ariaValueText',
]);
const READ_ATTRIBUTES = new Set([
  'title',
  'alt',
  'label',
  'placeholder',
  'aria-label',
  'aria-description',
  'aria-valuetext',
]);
/** Functions, and which of their arguments are read; by default all. */
const READ_ARGUMENTS: Readonly<Record<string, readonly number[]>> = {
  setText: [1],
  Option: [0],
  append: [],
  prepend: [],
  before: [],
  after: [],
  replaceChildren: [],
  replaceWith: [],
  createTextNode: [0],
  insertAdjacentText: [1],
  alert: [0],
  confirm: [0],
  prompt: [0],
};
const SET_ATTRIBUTE = new Set(['setAttribute']);

/** Texts for people that stand in a program itself: none may, as they have to be in every language. */
export function textsInCode(code: string): readonly string[] {
  const found: string[] = [];
  const take = (value: ESTree.Node | null | undefined): void => {
    if (value !== null && value !== undefined) found.push(...wordsIn(value));
  };
  const call = (callee: ESTree.Expression, all: readonly ESTree.Argument[]): void => {
    const name = nameOf(callee);
    const read = READ_ARGUMENTS[name];
    if (read !== undefined)
      for (const [index, each] of all.entries()) if (read.length === 0 || read.includes(index)) take(each);
    // `setAttribute(name, value)` of an element, or ours, which is given the element first.
    const at = all.findIndex((each) => each.type === 'Literal' && READ_ATTRIBUTES.has(String(each.value)));
    if (SET_ATTRIBUTE.has(name) && at !== -1) take(all[at + 1]);
    // What a new element holds beside its options.
    if (name === 'make') for (const each of all.slice(2)) take(each);
  };
  new Visitor({
    Property: ({ key, value }) => {
      const name = key.type === 'Literal' ? String(key.value) : nameOf(key);
      if (READ_PROPERTIES.has(name) || READ_ATTRIBUTES.has(name)) take(value);
    },
    AssignmentExpression: ({ left, right }) => {
      if (left.type === 'MemberExpression' && READ_PROPERTIES.has(nameOf(left))) take(right);
    },
    CallExpression: (node) => call(node.callee, node.arguments),
    NewExpression: (node) => call(node.callee, node.arguments),
  }).visit(parseSync('code.ts', code, { lang: 'ts' }).program);
  return found;
}

function nameOf(node: ESTree.Node): string {
  if (node.type === 'Identifier') return node.name;
  return node.type === 'MemberExpression' ? nameOf(node.property) : '';
}

/** The texts with words in them that an expression may become. */
function wordsIn(node: ESTree.Node): readonly string[] {
  if (node.type === 'Literal')
    return typeof node.value === 'string' && hasWords(node.value) ? [node.value] : [];
  if (node.type === 'ConditionalExpression') return [node.consequent, node.alternate].flatMap(wordsIn);
  if (node.type === 'LogicalExpression' || node.type === 'BinaryExpression')
    return [node.left, node.right].flatMap(wordsIn);
  if (node.type !== 'TemplateLiteral') return [];
  const text = node.quasis.map(({ value }) => value.raw).join('…');
  return [...(hasWords(text) ? [text] : []), ...node.expressions.flatMap(wordsIn)];
}

/** Texts that stand in a page itself, without what a browser does not show. */
export function textsInHtml(html: string): readonly string[] {
  const shown = html.replace(/<!--[\s\S]*?-->|<!doctype[^>]*>|<(script|style)\b[\s\S]*?<\/\1>/gi, '');
  const attributes = [...shown.matchAll(/\s([\w-]+)="([^"]*)"/g)]
    .filter(([, name = '']) => READ_ATTRIBUTES.has(name))
    .map(([, , value = '']) => value);
  const texts = shown.split(/<[^>]*>/).map((text) => text.trim());
  return [...attributes, ...texts].filter(hasWords);
}

const hasWords = (text: string): boolean => /\p{L}{2}/u.test(text);

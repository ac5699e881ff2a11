/** What a new element is given; `part` names it for a widget's outside styles. */
export interface ElementOptions {
  readonly class?: string;
  readonly id?: string;
  readonly part?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A new element with its children. No markup is parsed: a page's policy forbids none of this. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  options: ElementOptions = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (options.class !== undefined) element.className = options.class;
  if (options.id !== undefined) element.id = options.id;
  if (options.part !== undefined) element.setAttribute('part', options.part);
  for (const [attribute, value] of Object.entries(options.attributes ?? {}))
    element.setAttribute(attribute, value);
  if (options.text !== undefined) element.textContent = options.text;
  element.append(...children);
  return element;
}

/** Writes only what changed: a live region must not be read out again for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

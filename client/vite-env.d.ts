/** What the build gives a script beyond the language: as much of it as is used. */

/** A style sheet's text, imports followed. */
declare module '*.css?inline' {
  const text: string;
  export default text;
}

interface ImportMeta {
  /** The modules that match, each to be imported when it is wanted. */
  glob<Module>(pattern: string): Readonly<Record<string, () => Promise<Module>>>;
}

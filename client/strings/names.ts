/** Every language that we speak by its code, under its own name: known without loading any of them. */
export const LANGUAGE_NAMES: Readonly<Record<string, string>> = { en: 'English', fr: 'Français' };

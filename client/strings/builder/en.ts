import type { BuilderStrings } from './builder-strings.ts';

export const builderEn: BuilderStrings = {
  title: 'A player for your site',
  lead: 'Choose how it looks, copy the code, paste it where the player shall be.',
  station: 'Station',
  look: 'Look',
  themes: { auto: 'As the page', light: 'Light', dark: 'Dark' },
  size: 'Size',
  sizes: { full: 'Full', compact: 'One line' },
  language: 'Language',
  languageAutomatic: 'As the listener’s browser',
  relay: 'Relaying',
  relays: { ask: 'Ask each listener', off: 'Never' },
  kind: 'Kind',
  kinds: { element: 'Element', frame: 'Frame' },
  kindHints: {
    element: 'Takes its width from your page and can be styled by it. For sites where you can write HTML.',
    frame: 'A page of its own in yours. For site builders and blogs that allow nothing else.',
  },
  preview: 'Preview',
  code: 'Code to copy',
  copy: 'Copy',
  copied: 'Copied',
  policy: 'If your site has a content security policy, it has to allow this:',
  key: 'The code holds the station’s public key: nothing is ever played that the station has not signed.',
  link: 'On Mastodon and in blogs, the address of the station’s page is enough: it becomes a player by itself.',
  noScript: 'This page needs JavaScript to put the code together.',
};

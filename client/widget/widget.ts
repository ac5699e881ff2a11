import { PlayerElement } from './player-element.ts';

// Two stations of different servers may stand on one page: the first script defines the element for both, and the
// second one's element says its server (`server`).
PlayerElement.home = new URL(/* @vite-ignore */ '.', import.meta.url).href.replace(/\/$/, '');
if (customElements.get('essaim-player') === undefined) customElements.define('essaim-player', PlayerElement);

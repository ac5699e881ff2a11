import type { Strings } from './strings.ts';

export const en: Strings = {
  language: 'en',
  listen: 'Listen',
  stop: 'Stop',
  volume: 'Volume',
  quality: 'Quality',
  status: {
    idle: 'Live radio',
    connecting: 'Connecting…',
    playing: 'Live',
    buffering: 'One moment, the sound is coming back…',
    silent: 'The station is silent right now. It will start by itself.',
    offline: 'No network. The sound will come back by itself.',
    blocked: 'Your browser is waiting for a click. Press once more.',
    unsupported: 'This browser cannot play this station.',
  },
  relay: 'Pass the sound on',
  relayHint: 'Your browser passes the sound on to a few other listeners, who then see its network address.',
  justListenHint: 'You are just listening: nothing is passed on, nobody sees your address.',
  fromStation: 'The sound comes straight from the station',
  fromListeners: (share, peerCount) =>
    `${percent.format(share)} of the sound comes from ${peerCount === 1 ? 'one other listener' : `${peerCount} other listeners`}`,
  relayingTo: (peerCount) => `you pass it on to ${peerCount === 1 ? 'one' : peerCount}`,
  sentence: (clauses) => `${clauses.join(', and ')}.`,
  brokenPage: 'This page did not load properly. Please reload it.',
};

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });

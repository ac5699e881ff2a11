import { numbersOf } from './numbers.ts';
import type { Strings } from './strings.ts';

const numbers = numbersOf('en');

export const en: Strings = {
  language: 'en',
  languageName: 'English',
  player: {
    listen: 'Listen',
    listenAndRelay: 'Listen and relay',
    justListen: 'Just listen',
    pause: 'Pause',
    resume: 'Resume',
    stop: 'Stop',
    backToLive: 'Back to live',
    behindLive: (seconds) => `${numbers.duration(seconds)} behind`,
    volume: 'Volume',
    mute: 'Mute',
    unmute: 'Unmute',
    quality: 'Quality',
    qualityAutomatic: 'Automatic',
    qualityOf: (codec, bitrateKbps) => `${codec} ${numbers.whole(bitrateKbps)} kbit/s`,
  },
  status: {
    idle: 'Live radio',
    connecting: 'Connecting…',
    playing: 'Live',
    paused: 'Paused',
    buffering: 'One moment, the sound is coming back…',
    silent: 'The station is off air right now. It will start by itself.',
    unreachable: 'The station does not answer. The sound will come back by itself.',
    offline: 'No network. The sound will come back by itself.',
    blocked: 'Your browser is waiting for a click. Press once more.',
    unsupported: 'This browser cannot play this station.',
  },
  relaying: {
    relay: 'Relay the sound',
    shares:
      'Relaying uses a little of your upload to pass the sound on to a few listeners, who see your network address.',
    more: 'Learn more',
    justListening: 'You are just listening: nothing is passed on, nobody sees your address.',
    restsOnCellular: 'You are on a mobile network, so nothing is passed on.',
    restsForDataSaver: 'Your browser is saving data, so nothing is passed on.',
    restsAtCeiling: 'This month’s ceiling is reached, so nothing is passed on.',
  },
  swarm: {
    drawing: 'Where the sound comes from, and where it goes',
    you: 'you',
    station: 'the station',
    fromStation: 'The sound comes straight from the station',
    fromListeners: (share, peerCount) =>
      `${numbers.percent(share)} of the sound comes from ${peerCount === 1 ? 'one other listener' : `${numbers.whole(peerCount)} other listeners`}`,
    relayingTo: (peerCount) => `you pass it on to ${peerCount === 1 ? 'one' : numbers.whole(peerCount)}`,
    sentence: (clauses) => `${clauses.join(', and ')}.`,
  },
  settings: {
    title: 'Settings',
    close: 'Close',
    uploadCap: 'Pass on at most',
    uploadCapOf: (kbps) =>
      kbps < 1000 ? `${numbers.whole(kbps)} kbit/s` : `${numbers.short(kbps / 1000)} Mbit/s`,
    monthlyCeiling: 'Each month at most',
    noCeiling: 'No ceiling',
    amount: (bytes) => numbers.amount(bytes, ['MB', 'GB']),
    relayedThisMonth: (bytes) => `${numbers.amount(bytes, ['MB', 'GB'])} passed on this month`,
    thanks: 'Thanks to the relays',
    relayGives: (bytes, listeners) =>
      `${numbers.amount(bytes, ['MB', 'GB'])} this month${listeners === 0 ? '' : numbers.count(listeners, { one: ', # listener now', other: ', # listeners now' })}`,
    relayOnCellular: 'Also on mobile networks',
    language: 'Language',
  },
  extras: {
    history: 'Played before',
    historyEmpty: 'The titles that you hear will be listed here.',
    time: (at) => numbers.time(at),
    sleep: 'Sleep timer',
    sleepOff: 'Off',
    sleepAfter: (minutes) => numbers.count(minutes, { one: '# minute', other: '# minutes' }),
    sleepLeft: (minutes) => numbers.count(minutes, { one: 'Stops in # minute', other: 'Stops in # minutes' }),
    share: 'Share',
    linkCopied: 'Link copied',
    linkNotCopied: 'Copy this address:',
  },
  widget: {
    sharesBriefly: 'Relaying uses a little upload; a few listeners see your network address.',
    playHere: 'Play here',
    elsewhere: 'The sound is on in another tab.',
    keyless: 'This player has no key. Its code has to be copied again from the station.',
    untrusted: 'This sound does not bear the station’s signature, so it is not played.',
    refused: 'The station does not offer its player on this site.',
    unknown: 'There is no such station here.',
  },
  page: {
    broken: 'This page did not load properly. Please reload it.',
  },
};

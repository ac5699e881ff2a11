import { numbersOf } from '../numbers.ts';
import type { PageTexts } from './page-texts.ts';

const numbers = numbersOf('en');
const amount = (bytes: number): string => numbers.amount(bytes, ['MB', 'GB']);

export const pageTextsEn: PageTexts = {
  languageName: 'English',
  station: {
    about: 'About',
    website: 'Website',
    fediverse: 'Fediverse',
    contact: 'Contact',
    close: 'Close',
    plainStream:
      'This page needs JavaScript. Without it, the sound is here, for this browser or any other player:',
  },
  builder: { needsScripts: 'This page needs JavaScript to put the code together.' },
  relaying: {
    title: 'Relaying, in plain words',
    lead: (station) =>
      `${station} is carried by those who listen: each passes the sound on to a few others, so a small radio can be heard by many. This is what it takes from you, what it shows of you, and how to say no.`,
    figures: ({ hourBytes, hourMaxBytes, monthMaxBytes }) => [
      { amount: amount(hourBytes), label: 'of upload in an hour, usually' },
      { amount: amount(hourMaxBytes), label: 'in an hour at the very most' },
      { amount: amount(monthMaxBytes), label: 'in a month at most' },
    ],
    sections: ({ bitrateKbps, hourBytes, capKbps }) => [
      {
        title: 'What you share',
        paragraphs: [
          'The sound of this station and nothing else. What you have just heard goes on to a few other listeners while you listen, and stops when you stop.',
          `A little of your upload. At ${numbers.whole(bitrateKbps)} kbit/s, passing everything on to one listener takes ${amount(hourBytes)} in an hour, and on average everybody passes on as much as they receive. It is never more than ${numbers.whole(capKbps)} kbit/s. You can lower this, and the monthly ceiling, in the settings.`,
          'Your network address (IP address). The listeners that you exchange sound with can see it, as in a video call. It tells roughly your region and your provider. It tells neither your name nor your street.',
        ],
      },
      {
        title: 'What you do not share',
        paragraphs: [
          'Not your name, your files, your microphone, your camera, or anything else that you do on the web. There is no account and no cookie. Your choices stay in this browser.',
          'While hardly anybody listens, the station serves everyone by itself, and nobody’s address is shown to anybody.',
        ],
      },
      {
        title: 'Why it can be trusted',
        paragraphs: [
          'Every quarter of a second of sound bears the station’s signature. Your browser checks it before you hear it, and before it goes on to anybody. So nobody on the way can change the sound, and nobody can make you pass on anything else. Whoever tries once is cut off for good.',
        ],
      },
      {
        title: 'How to say no',
        paragraphs: [
          'Choose “Just listen”. Then no link to other listeners is ever opened, and only the station’s own servers and public relays, which send you the sound, see your address. The sound is the same. You can change your mind at any time, also while listening; it takes effect at once, and the sound goes on.',
        ],
      },
      {
        title: 'On a phone, or with a VPN',
        paragraphs: [
          'On a mobile network nothing is passed on, unless you say so in the settings; when your browser saves data, nothing is passed on at all. You may still receive from other listeners, who then see your address. Many browsers do not tell which network they are on: if your data is limited, choose “Just listen”.',
          'With a VPN, other listeners usually see the VPN’s address. Some VPNs let such direct links go around them, with your own address: if that matters to you, check yours, or just listen.',
        ],
      },
    ],
    back: (station) => `Listen to ${station}`,
  },
};

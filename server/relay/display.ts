import { stripVTControlCharacters, styleText } from 'node:util';
import { bytesText, durationText, rateText } from './amounts.ts';
import { clip, wrapped } from './terminal-text.ts';
import { timesPassedOn } from './relay-status.ts';
import type { RelayStatus } from './relay-status.ts';

/** The live display of a terminal, as lines, none longer than the terminal is wide. @param columns of the terminal */
export function displayLines(status: RelayStatus, columns: number): readonly string[] {
  const width = Math.min(WIDTH_MAX, columns - 1);
  return linesOf(status, width).map((line) => clip(line, width));
}

function linesOf(status: RelayStatus, width: number): readonly string[] {
  const row = (label: string, value: string): string => `  ${dim(label.padEnd(LABEL_WIDTH))}${value}`;
  const state = STATE_TEXT[status.state]();
  const stateWidth = stripVTControlCharacters(state).length;
  const station = clip(status.station ?? status.address, Math.max(STATION_WIDTH_MIN, width - stateWidth - 4));
  const used = station.length + stateWidth + 5;
  const fits = used + status.detail.length <= width;
  return [
    '',
    `  ${styleText('bold', station)}  ${state}${fits ? dim(` ${status.detail}`) : ''}`,
    ...(fits ? [] : wrapped(status.detail, width - 2).map((line) => `  ${dim(line)}`)),
    `  ${dim(status.address)}`,
    '',
    ...status.mounts.map(({ path, title, isLive, listeners }) =>
      row(path, `${titleText(title, isLive)}  ${dim(countText(listeners, 'listener'))}`),
    ),
    ...(status.mounts.length === 0 ? [] : ['']),
    row('serving', servingText(status)),
    row('upload now', `${bar(status.uploadKbps / status.uploadMaxKbps, width)}${uploadText(status)}`),
    row('today', bytesText(status.usage.dayBytes)),
    row('this month', monthText(status)),
    row('passed on', passedOnText(status)),
    row('running for', durationText(status.uptimeSeconds)),
    ...(status.nickname === null ? [] : [row('thanked as', status.nickname)]),
    '',
    `  ${dim('Ctrl-C hands your listeners over and stops.')}`,
    '',
  ];
}

/** One line for a journal. */
export function statusLine(status: RelayStatus): string {
  const { state, detail, usage, mounts } = status;
  const titles = mounts.flatMap(({ title }) => (title === null ? [] : [titleText(title, true)]));
  return [
    `${state}${detail === '' ? '' : ` (${detail})`}`,
    countText(status.listeners, 'listener'),
    `upload ${rateText(status.uploadKbps)}`,
    `today ${bytesText(usage.dayBytes)}`,
    `this month ${monthText(status)}`,
    ...(titles.length === 0 ? [] : [titles.join(' / ')]),
  ].join(', ');
}

const LABEL_WIDTH = 14;
const WIDTH_MAX = 78;
const STATION_WIDTH_MIN = 8;
/** Of the bar, by the least width of the terminal. */
const BAR_WIDTHS = [
  [64, 20],
  [52, 8],
  [0, 0],
] as const;

const dim = (text: string): string => styleText('dim', text);

const STATE_TEXT = {
  looking: () => styleText('yellow', '… looking for the station'),
  serving: () => styleText('green', '● relaying'),
  resting: () => styleText('yellow', '○ resting'),
  leaving: () => styleText('yellow', '◌ handing over'),
};

function titleText(title: RelayStatus['mounts'][number]['title'], isLive: boolean): string {
  if (!isLive) return 'waiting for sound';
  const parts = [title?.artist ?? '', title?.title ?? ''].filter((part) => part !== '');
  return parts.length === 0 ? 'on air' : printable(parts.join(' – '));
}

const countText = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const servingText = ({ listeners, listenersMax }: RelayStatus): string =>
  `${styleText('bold', countText(listeners, 'listener'))}${listenersMax === null ? '' : ` of at most ${listenersMax}`}`;

const uploadText = ({ uploadKbps, uploadMaxKbps }: RelayStatus): string =>
  `${rateText(uploadKbps)} of ${rateText(uploadMaxKbps)}`;

const monthText = ({ usage, monthlyBytes }: RelayStatus): string =>
  monthlyBytes === null
    ? bytesText(usage.monthBytes)
    : `${bytesText(usage.monthBytes)} of ${bytesText(monthlyBytes)}`;

function passedOnText(status: RelayStatus): string {
  const times = timesPassedOn(status);
  const sent = `${bytesText(status.sentBytes)} since the start`;
  return times === null ? sent : `${sent}: ${times.toFixed(1)} times what we took`;
}

function bar(share: number, width: number): string {
  const length = BAR_WIDTHS.find(([from]) => width >= from)?.[1] ?? 0;
  if (length === 0) return '';
  const filled = Math.round(Math.max(0, Math.min(1, share)) * length);
  return `${styleText('green', '█'.repeat(filled))}${dim('░'.repeat(length - filled))} `;
}

/** A title is somebody else's text: nothing in it may steer the terminal. */
const printable = (text: string): string => text.replaceAll(/\p{C}/gu, ' ');

import { createLogUpdate } from 'log-update';
import type { Log } from '../log.ts';
import { displayLines, statusLine } from './display.ts';
import { createRelayLog } from './relay-log.ts';
import type { RelayStatus } from './relay-status.ts';
import { statusJson } from './relay-status.ts';

/** Where a relay tells how it is: a live display, lines for a journal, or JSON for machines. */
export interface Output {
  readonly log: Log;
  /** From now on the status is shown, again and again. */
  show(status: () => RelayStatus): void;
  /** The last status is shown, and the terminal is left as it was. */
  end(): void;
}

const DISPLAY_EVERY_MS = 1_000;
const JSON_EVERY_MS = 1_000;
const LINE_EVERY_MS = 300_000;

export function openOutput(json: boolean, stream: NodeJS.WriteStream = process.stdout): Output {
  if (json) return jsonOutput(stream);
  return stream.isTTY ? liveOutput(stream) : lineOutput(stream);
}

function liveOutput(stream: NodeJS.WriteStream): Output {
  const render = createLogUpdate(stream);
  const log = createRelayLog((line) => render.persist(line.trimEnd()), true, true);
  const repeating = repeat(DISPLAY_EVERY_MS, (status) => {
    render(displayLines(status, stream.columns).join('\n'));
  });
  return { log, show: repeating.begin, end: () => (repeating.end(), render.done()) };
}

function lineOutput(stream: NodeJS.WriteStream): Output {
  // A journal has the time itself.
  const log = createRelayLog(
    (line) => stream.write(line),
    process.env['JOURNAL_STREAM'] === undefined,
    false,
  );
  let before = '';
  const repeating = repeat(DISPLAY_EVERY_MS, (status) => {
    const key = `${status.state} ${status.listeners}`;
    const isDue = key !== before && status.state !== 'looking';
    before = key;
    if (isDue) log.info(statusLine(status));
  });
  let ask: (() => RelayStatus) | null = null;
  const sometimes = setInterval(() => {
    if (ask !== null) log.info(statusLine(ask()));
  }, LINE_EVERY_MS);
  return {
    log,
    show: (status) => {
      repeating.begin(status);
      ask = status;
    },
    end: () => {
      clearInterval(sometimes);
      repeating.end();
    },
  };
}

/** The log goes to standard error, so that each line of the output is one object. */
function jsonOutput(stream: NodeJS.WriteStream): Output {
  const log = createRelayLog((line) => process.stderr.write(line), true, false);
  const repeating = repeat(JSON_EVERY_MS, (status) => {
    stream.write(`${statusJson(status, Date.now())}\n`);
  });
  return { log, show: repeating.begin, end: repeating.end };
}

interface Repeating {
  readonly begin: (status: () => RelayStatus) => void;
  /** Once more, then no more. */
  readonly end: () => void;
}

function repeat(everyMs: number, print: (status: RelayStatus) => void): Repeating {
  let ask: (() => RelayStatus) | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;
  const now = (): void => {
    if (ask !== null) print(ask());
  };
  return {
    begin: (status) => {
      ask = status;
      now();
      timer = setInterval(now, everyMs);
    },
    end: () => {
      clearInterval(timer);
      now();
    },
  };
}

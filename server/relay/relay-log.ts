import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Log } from '../log.ts';

/** Lines for people, in a terminal or a journal, which stamps them itself. @param write one line, with its end */
export function createRelayLog(write: (line: string) => void, withTime: boolean, colorize: boolean): Log {
  const format = prettyFactory({
    colorize,
    ignore: withTime ? 'pid,hostname' : 'pid,hostname,time',
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
  return pino({ level: 'info', base: null }, { write: (line) => write(format(line)) });
}

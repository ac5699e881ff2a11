import { pino } from 'pino';
import type { Logger } from 'pino';
import type { LogLevel } from './config/config.ts';

export type Log = Logger;

/** Lines of JSON for machines; on a terminal, lines for people. Secrets are never passed to it: it hides none. */
export function createLog(level: LogLevel, forTerminal = process.stdout.isTTY): Log {
  if (!forTerminal) return pino({ level, base: null });
  return pino({
    level,
    base: null,
    transport: {
      target: 'pino-pretty',
      options: { translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true },
    },
  });
}

/** Says nothing: for tests. */
export const silentLog = (): Log => pino({ level: 'silent' });

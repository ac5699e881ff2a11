import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorText } from '../error.ts';
import { ConfigError } from './config-error.ts';
import type { PasswordField } from './config-schema.ts';

/**
 * So that a configuration can be shown around, a password may stand in a file of its own (its first line) or in an
 * environment variable.
 * @throws ConfigError if there is none.
 */
export function readPassword(field: PasswordField, baseFolder: string): string {
  if (typeof field === 'string') return field;
  if ('file' in field) return fromFile(resolve(baseFolder, field.file));
  const value = process.env[field.env] ?? '';
  if (value !== '') return value;
  throw new ConfigError(
    `Cannot take a password from the environment as ${field.env} must be set: current value is empty`,
  );
}

function fromFile(path: string): string {
  const line = firstLine(path);
  if (line !== '') return line;
  throw new ConfigError(`Cannot take a password from ${path} as its first line: current value is empty`);
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/u)[0] ?? '';
  } catch (error) {
    throw new ConfigError(`Cannot read ${path} as a file with a password: ${errorText(error)}`, {
      cause: error,
    });
  }
}

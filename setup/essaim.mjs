#!/usr/bin/env node
// `npx essaim relay URL …` in a clone: what `npm run relay -- URL …` does, and `npx essaim start` likewise.
import { spawn } from 'node:child_process';
import { root } from './paths.mjs';

const scripts = ['start', 'relay'];
const [script = '', ...args] = process.argv.slice(2);
if (scripts.includes(script)) {
  const child = spawn('npm', ['run', '--silent', script, '--', ...args], { cwd: root, stdio: 'inherit' });
  // A terminal sends its signals to the whole group; others reach this process alone.
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => undefined);
  child.once('error', (error) => {
    process.stderr.write(`Cannot run npm: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  process.stderr.write(
    'Usage: npx essaim start, or npx essaim relay https://radio.example (--help for more)\n',
  );
  process.exitCode = 64;
}

// node .ci/sum.mjs EXIT-CODE-OF-NPM-TEST FOLDER: adds up vitest's JSON reports, prints the sum as the last line,
// and exits non-zero unless `npm test` succeeded and at least one test ran.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [code = '1', folder = ''] = process.argv.slice(2);
let passed = 0;
let failed = 0;

for (const name of existsSync(folder) ? readdirSync(folder) : []) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  // A file that cannot even be loaded has no tests to fail: it counts as one.
  failed += report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
}

if (code !== '0' && failed === 0)
  say(`npm test ended with exit code ${code}, outside of the tests themselves`);
if (code === '0' && passed === 0) say('no test ran');
say(`${passed} passed, ${failed} failed`);
process.exitCode = code === '0' && failed === 0 && passed > 0 ? 0 : 1;

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

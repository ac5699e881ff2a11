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
  failed += report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
}

const ok = code === '0' && failed === 0 && passed > 0;
if (code !== '0' && failed === 0) console.log(`npm test ended with exit code ${code}, outside of the tests themselves`);
if (code === '0' && passed === 0) console.log('no test ran');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = ok ? 0 : 1;

// Sets up what is missing: node setup/setup.mjs [--for=start|relay|test|all]
//   start  npm packages and the built page (a missing mediasoup worker is built by the running server)
//   relay  npm packages
//   test   also the Debian packages that the tests run against, and the mediasoup worker
//   all    everything (the default)
// Runs on plain Node 20 with nothing installed. Does nothing, quickly, when nothing is missing.
import { dependenciesInstalled, installDependencies } from './dependencies.mjs';
import { ensurePackages, testPackages, workerPackages } from './debian.mjs';
import { withLock } from './lock.mjs';
import { buildPage, pageBuilt } from './page.mjs';
import { cloneLock } from './paths.mjs';
import { Interrupted, stopOnSignals } from './process.mjs';
import { complain, say, showProgress } from './report.mjs';
import { findWorker } from './worker.mjs';
import { installWorker } from './worker-install.mjs';

/**
 * @typedef {object} Step
 * @property {() => boolean} isDone
 * @property {() => Promise<void>} work
 */

/** A relay at home shows no page. @type {readonly Step[]} */
const relaySteps = [{ isDone: dependenciesInstalled, work: installDependencies }];

/** Steps that write into this clone, in order. @type {readonly Step[]} */
const cloneSteps = [...relaySteps, { isDone: pageBuilt, work: buildPage }];

const purposes = /** @type {const} */ (['start', 'relay', 'test', 'all']);

stopOnSignals();
try {
  await setUp(purposeOf(process.argv.slice(2)));
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}

/** @param {typeof purposes[number]} purpose */
async function setUp(purpose) {
  const startedAt = Date.now();
  let changed = await setUpClone(purpose === 'relay' ? relaySteps : cloneSteps);
  if (purpose === 'test' || purpose === 'all') {
    const workerMissing = findWorker() === null;
    if (await ensurePackages(testPackages, 'run the tests', workerMissing ? workerPackages : []))
      changed = true;
    if (workerMissing) {
      await installWorker((done, total) => showProgress('building the mediasoup worker', done, total));
      changed = true;
    }
  }
  say(changed ? `done in ${Math.round((Date.now() - startedAt) / 1000)} s` : 'nothing to do');
}

/**
 * @param {readonly Step[]} steps
 * @returns {Promise<boolean>} whether anything had to be done
 */
async function setUpClone(steps) {
  if (steps.every((step) => step.isDone())) return false;
  return withLock(
    cloneLock,
    () => say('waiting for another set-up of this clone'),
    async () => {
      let changed = false;
      for (const step of steps) {
        if (step.isDone()) continue;
        await step.work();
        changed = true;
      }
      return changed;
    },
  );
}

/** @param {readonly string[]} args */
function purposeOf(args) {
  const given = args.map((arg) => /^--for=(.*)$/.exec(arg)?.[1] ?? arg);
  const [name = 'all', ...more] = given;
  const purpose = purposes.find((known) => known === name);
  if (purpose === undefined || more.length > 0) {
    throw new Error(
      `Cannot set up as --for must be one of ${purposes.join(', ')}: current value is ${given.join(' ')}`,
    );
  }
  return purpose;
}

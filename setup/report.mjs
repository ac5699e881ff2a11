/** Seconds between two progress lines where the output is not a terminal. */
const quietSeconds = 30;

let barShown = false;
let lastLineAt = 0;

/** @param {string} text one line about what set-up does */
export function say(text) {
  clearBar();
  console.log(`setup: ${text}`);
}

/** @param {string} text one line that must not be missed */
export function complain(text) {
  clearBar();
  console.error(`setup: ${text}`);
}

/**
 * Shows how far a long step is: one line that rewrites itself on a terminal, a line now and then elsewhere.
 *
 * @param {string} step
 * @param {number} done
 * @param {number} total
 */
export function showProgress(step, done, total) {
  const text = `setup: ${step} (${done}/${total})`;
  if (process.stdout.isTTY) {
    barShown = true;
    process.stdout.write(`\r\u001B[K${text}`);
    return;
  }
  const now = Date.now();
  if (done < total && now - lastLineAt < quietSeconds * 1000) return;
  lastLineAt = now;
  console.log(text);
}

function clearBar() {
  if (barShown) process.stdout.write('\n');
  barShown = false;
}

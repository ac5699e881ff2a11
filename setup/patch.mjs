/**
 * `text` with its single occurrence of `search` replaced. A new upstream release that says something else must
 * stop the build here, not pass unpatched.
 *
 * @param {string} text
 * @param {string} search
 * @param {string} replacement
 * @param {string} file shown in the error
 * @returns {string}
 * @throws {Error} when `search` occurs never or more than once
 */
export function replaceOnce(text, search, replacement, file) {
  const count = text.split(search).length - 1;
  if (count !== 1) {
    throw new Error(
      `Cannot patch ${file} as the text to replace must occur exactly once: current value is ${count} times (${JSON.stringify(search)})`,
    );
  }
  return text.replace(search, () => replacement);
}

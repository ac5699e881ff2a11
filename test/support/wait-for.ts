/** Waits until `condition` holds; never longer than `timeoutMs`, and then says what was waited for. */
export async function waitFor(what: string, condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > timeoutMs) {
      throw new Error(`Cannot see that ${what} within ${timeoutMs} ms: current value is false`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

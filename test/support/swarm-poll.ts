/** Asks until the answer is yes. A question that fails counts as no, and is told when time is up. */
export async function pollUntil(
  what: string,
  timeoutMs: number,
  ask: () => boolean | Promise<boolean>,
  describe: () => string | Promise<string> = () => 'false',
): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    let failure: string | null = null;
    try {
      if (await ask()) return;
    } catch (error) {
      failure = String(error);
    }
    if (performance.now() > until)
      throw new Error(
        `Cannot see that ${what} within ${timeoutMs} ms: current value is ${failure ?? (await describe())}`,
      );
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_MS);
    });
  }
}

const POLL_MS = 200;

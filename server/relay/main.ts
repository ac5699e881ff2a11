import { closeNodeEnvironment, createNodeEnvironment } from '../listener/node-environment.ts';
import { ConfigError } from '../config/config-error.ts';
import { errorText } from '../error.ts';
import { KeyPins } from './key-pins.ts';
import { systemLocalTime } from './local-time.ts';
import { openOutput } from './output.ts';
import type { Output } from './output.ts';
import { PublicSide } from './public-side.ts';
import { readRelayCommandLine } from './relay-command-line.ts';
import { openRelayIdentity } from './relay-identity.ts';
import { serveRelayMetrics } from './relay-metrics.ts';
import type { RelayOptions } from './relay-options.ts';
import { Relay } from './relay.ts';
import type { RelayParts } from './relay.ts';
import { lockState } from './state-lock.ts';
import { lookUpStation } from './station-lookup.ts';
import { Uplink } from './uplink.ts';
import { UsageStore } from './usage-store.ts';

/** Started again it would fail again (EX_CONFIG of sysexits.h): the systemd unit knows it. */
const EXIT_CONFIG = 78;

await main();

async function main(): Promise<void> {
  try {
    const command = readRelayCommandLine(process.argv.slice(2), process.cwd(), process.env);
    if (command.type === 'help') process.stdout.write(command.text);
    else await run(command.options);
  } catch (error) {
    process.exitCode = fail(error);
  }
}

async function run(options: RelayOptions): Promise<void> {
  lockState(options.stateFolder);
  const output = openOutput(options.json);
  const { log } = output;
  const identity = openRelayIdentity(options.stateFolder, log);
  const uplink = new Uplink(options.stateFolder, log);
  const parts: RelayParts = {
    options,
    identity,
    pins: new KeyPins(options.stateFolder),
    usageStore: new UsageStore(options.stateFolder, log),
    uploadKbps: async () => options.limits.uploadKbps ?? (await uplink.halfKbps(options.address.server)),
    lookUp: (signal) => lookUpStation(options.address, signal),
    environment: createNodeEnvironment(),
    localTime: systemLocalTime(),
    now: Date.now,
    log,
    onFatal: (reason) => {
      void endWith(relay, output, reason);
    },
  };
  const { publicAddress } = options;
  const relay = publicAddress === null ? new Relay(parts) : new PublicSide(parts, publicAddress);
  stopWhenAsked(relay, output);
  output.show(() => relay.status());
  try {
    if (options.metrics !== null) await serveRelayMetrics(options.metrics, () => relay.status());
    await relay.start();
  } catch (error) {
    await endWith(relay, output, error);
  }
}

async function endWith(relay: Relay | PublicSide, output: Output, reason: unknown): Promise<void> {
  await end(relay, output);
  process.exit(fail(reason));
}

async function end(relay: Relay | PublicSide, output: Output): Promise<void> {
  await relay.stop();
  output.end();
  closeNodeEnvironment();
}

/** What a person can put right is said plainly; anything else is ours, and its stack helps. Returns the exit code. */
function fail(error: unknown): number {
  const isTheirs = error instanceof ConfigError;
  const text = isTheirs || !(error instanceof Error) ? errorText(error) : (error.stack ?? error.message);
  process.stderr.write(`${text}\n`);
  return isTheirs ? EXIT_CONFIG : 1;
}

/** The first signal hands the listeners over, the second ends at once. So it does when nobody reads our output any more. */
function stopWhenAsked(relay: Relay | PublicSide, output: Output): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    output.log.info({ signal }, 'handing listeners over; again: at once');
    end(relay, output).then(
      () => process.exit(0),
      (error: unknown) => process.exit(fail(error)),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.stdout.on('error', () => {
    if (!isStopping) stop('SIGPIPE');
  });
  process.stderr.on('error', () => undefined);
}

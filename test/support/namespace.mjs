/**
 * Runs a command in a network of its own: `node test/support/namespace.mjs COMMAND ARGUMENTS…`.
 *
 * Inside are a loopback, one virtual cable with an address, and a default route that leads nowhere. So the browsers'
 * mDNS host candidates resolve, every default configuration connects, and not one packet leaves the machine. It takes
 * root, or a kernel that lets users make their own namespaces; elsewhere the command runs on the machine's network,
 * after a word about it.
 */
import { spawn, spawnSync } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  process.stderr.write('Cannot run nothing as a command: name one after namespace.mjs\n');
  process.exit(2);
}

const NETWORK = [
  'ip link set lo up',
  'ip link add essaim0 type veth peer name essaim1',
  'ip addr add 10.77.0.1/24 dev essaim0',
  'ip link set essaim0 up',
  'ip link set essaim1 up',
  'ip route add default via 10.77.0.2 dev essaim0',
  'exec "$@"',
].join(' && ');

/** As root without a user namespace; else as a user who is root only inside. */
const WAYS = process.getuid?.() === 0 ? [['--net']] : [['--user', '--map-root-user', '--net']];

const way = WAYS.find((flags) => run(flags, 'true').status === 0);
if (way === undefined)
  process.stderr.write(
    'No network of their own for the browser tests (it takes root, util-linux and iproute2): they run on this ' +
      "machine's network, where links between browsers may fail to open.\n",
  );

const [program, parameters] =
  way === undefined
    ? [command, args]
    : ['unshare', [...way, '--', 'sh', '-c', NETWORK, 'sh', command, ...args]];
const child = spawn(program, parameters, { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`Cannot start ${program}: ${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));

function run(flags, probe) {
  return spawnSync('unshare', [...flags, '--', 'sh', '-c', NETWORK, 'sh', probe], { stdio: 'ignore' });
}

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { kill } from './ffmpeg.ts';

/** A machine that tests can start programs on. */
export interface Host {
  /** Where it is reached now. */
  address: string;
  /** The program and arguments that run this one there. */
  command(program: string, args: readonly string[]): readonly [string, readonly string[]];
}

/** Without a network of its own: loopback. */
export const THIS_HOST: Host = { address: '127.0.0.1', command: (program, args) => [program, args] };

/**
 * Hosts with a network stack each, and this process at the router between them: what it routes it can drop, without a
 * word to either end, as a pulled cable or a bad provider does.
 */
export interface HostNetwork {
  addHost(): Promise<Host>;
  /** As behind a home's router: what a host asks for itself is answered, and nobody can begin to talk to it. */
  closeToStrangers(host: Host): void;
  openToStrangers(host: Host): void;
  /** The port does not answer any more, in whatever began before either; what the host does elsewhere goes on. */
  cutPort(host: Host, port: number): void;
  mendPort(host: Host, port: number): void;
  /** Not one packet comes or goes. */
  cutOff(host: Host): void;
  reconnect(host: Host): void;
  /** To another address, once: as when a provider gives a home a new one. Nothing that was open goes on. */
  move(host: Host): void;
  stop(): Promise<void>;
}

/** Set up by namespace.mjs: nothing that is done to a network here is done to the machine's. */
const PRIVATE_INTERFACE = 'essaim0';
const HOSTS_MAX = 250;

const WALL = `
table inet wall {
  set cut { type ipv4_addr; }
  set homes { type ipv4_addr; }
  set ports { type ipv4_addr . inet_service; }
  chain lost {
    ip saddr @cut drop
    ip daddr @cut drop
    ip daddr . tcp dport @ports drop
    ip saddr . tcp sport @ports drop
    ip daddr @homes ct state established,related accept
    ip daddr @homes drop
  }
  chain forward { type filter hook forward priority 0; jump lost; }
  chain output { type filter hook output priority 0; jump lost; }
  chain input { type filter hook input priority 0; ip saddr @cut drop; ip saddr . tcp sport @ports drop; }
}
`;

/** @throws Error outside of the private network that namespace.mjs makes, or without nftables and iproute2 */
export function openHostNetwork(): HostNetwork {
  if (!Object.hasOwn(networkInterfaces(), PRIVATE_INTERFACE))
    throw new Error(
      'Cannot make hosts in the network of this machine as tests must leave it alone: run them by ' +
        'node test/support/namespace.mjs COMMAND, which takes root or user namespaces',
    );
  command('nft', ['-f', '-'], WALL);
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  const holders: ReturnType<typeof spawn>[] = [];
  const moves = new Map<Host, () => void>();

  /** A host lives as long as the process that holds its network, which ends with this one. */
  const addHost = async (): Promise<Host> => {
    const number = holders.length + 1;
    if (number > HOSTS_MAX) throw new Error(`Cannot make more than ${HOSTS_MAX} hosts`);
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo made; read end'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    holders.push(holder);
    await once(holder.stdout, 'data');
    const [near, far] = [`near${number}`, `far${number}`];
    const gateway = `10.90.${number}.1`;
    const [address, otherAddress] = [`10.90.${number}.2`, `10.90.${number}.3`];
    const inside = [`--net=/proc/${holder.pid}/ns/net`, '--'];
    const ipInside = (text: string): void => command('nsenter', [...inside, 'ip', ...text.split(' ')]);
    ip(`link add ${near} type veth peer name ${far}`);
    ip(`link set ${far} netns ${holder.pid}`);
    ip(`addr add ${gateway}/24 dev ${near}`);
    ip(`link set ${near} up`);
    ipInside('link set lo up');
    ipInside(`addr add ${address}/24 dev ${far}`);
    ipInside(`link set ${far} up`);
    ipInside(`route add default via ${gateway}`);
    const host: Host = { address, command: (program, args) => ['nsenter', [...inside, program, ...args]] };
    moves.set(host, () => {
      ipInside(`addr del ${address}/24 dev ${far}`);
      ipInside(`addr add ${otherAddress}/24 dev ${far}`);
      ipInside(`route add default via ${gateway}`);
      host.address = otherAddress;
    });
    return host;
  };
  const element = (action: 'add' | 'delete', set: string, value: string): void =>
    command('nft', [action, 'element', 'inet', 'wall', set, `{ ${value} }`]);
  return {
    addHost,
    closeToStrangers: ({ address }) => element('add', 'homes', address),
    openToStrangers: ({ address }) => element('delete', 'homes', address),
    cutPort: ({ address }, port) => element('add', 'ports', `${address} . ${port}`),
    mendPort: ({ address }, port) => element('delete', 'ports', `${address} . ${port}`),
    cutOff: ({ address }) => element('add', 'cut', address),
    move: (host) => {
      moves.get(host)?.();
    },
    reconnect: ({ address }) => element('delete', 'cut', address),
    stop: async () => {
      await Promise.all(holders.map((holder) => kill(holder)));
      command('nft', ['delete', 'table', 'inet', 'wall']);
    },
  };
}

/** Runs a program to its end. Returns what it printed. @throws Error (the promise rejects) unless its exit code is 0 */
export async function runOn(host: Host, program: string, args: readonly string[]): Promise<string> {
  const [first, rest] = host.command(program, args);
  const { stdout } = await promisify(execFile)(first, [...rest], { timeout: 10_000 });
  return stdout;
}

const ip = (text: string): void => command('ip', text.split(' '));

function command(program: string, args: readonly string[], input?: string): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', input });
  if (status === 0) return;
  throw new Error(`Cannot run ${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

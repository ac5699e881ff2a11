import { millis } from '../units.ts';
import type { Millis, MountId, RandomSource } from '../units.ts';
import { memberReturning, newMember } from './admission.ts';
import { DueQueue } from './due-queue.ts';
import { randomIdentities } from './identity.ts';
import {
  CUT_OFF_GRACE,
  CUT_OFF_LOOK,
  EDGE_COMPLAINT_RATE,
  JOIN_TIMEOUT,
  MESSAGE_BURST_SECONDS,
  RESUME_GRACE,
  reportInterval,
} from './limits.ts';
import { NEVER } from './member.ts';
import type { Member } from './member.ts';
import { TRACKER_CLOSE_CODES, TRACKER_PROTOCOL_VERSION } from './messages.ts';
import type { ListenerMessage, TrackerMessage } from './messages.ts';
import { edgeAddresses } from '../station/addresses.ts';
import { NO_STRIPES, stripesIn } from '../stripe-mask.ts';
import { SwarmDesk } from './swarm-desk.ts';
import type { Introduction } from './swarm-desk.ts';
import { Swarm } from './swarm.ts';
import { TokenBucket } from '../token-bucket.ts';
import type { Rate } from '../token-bucket.ts';
import type {
  ConnectionId,
  TrackerInput,
  TrackerOptions,
  TrackerOutput,
  TrackerSnapshot,
} from './tracker-io.ts';

type Join = Extract<ListenerMessage, { type: 'join' }>;

/** WebSocket's own code for an ordinary end. */
const CLOSE_NORMAL = 1000;

interface Connection {
  readonly id: ConnectionId;
  readonly address: string;
  readonly bucket: TokenBucket;
  joined: { readonly desk: SwarmDesk; readonly member: Member } | null;
}

/**
 * The tracker's decisions, without sockets or clock: `handle(now, input) → outputs`, and `deadline()` for the next
 * `tick`. Inputs about a connection or mount that is not there (any more) are ignored: they were under way.
 * `random` makes ids and secrets, so in a server it must be cryptographically strong.
 */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #random: RandomSource;
  readonly #messageRate: Rate;
  readonly #desks = new Map<string, SwarmDesk>();
  readonly #connections = new Map<ConnectionId, Connection>();
  readonly #peersPerAddress = new Map<string, number>();
  readonly #joining = new DueQueue<Connection>();
  readonly #absent = new DueQueue<{ readonly desk: SwarmDesk; readonly member: Member }>();
  #outputs: TrackerOutput[] = [];

  constructor(options: TrackerOptions, random: RandomSource) {
    this.#options = options;
    const perSecond = options.messagesPerSecondMax;
    this.#messageRate = { perSecond, burst: perSecond * MESSAGE_BURST_SECONDS };
    this.#random = random;
  }

  handle(now: Millis, input: TrackerInput): readonly TrackerOutput[] {
    this.#advance(now);
    this.#take(now, input);
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** When `tick` is due at the latest; null when nothing waits. */
  deadline(): Millis | null {
    let earliest = earlier(this.#joining.next, this.#absent.next);
    for (const desk of this.#desks.values()) earliest = earlier(earliest, desk.seeds.deadline);
    return earliest;
  }

  snapshot(): TrackerSnapshot {
    return {
      connections: this.#connections.size,
      addresses: this.#peersPerAddress.size,
      pending: this.#joining.size + this.#absent.size,
      swarms: [...this.#desks.values()].map((desk) => desk.snapshot()),
    };
  }

  #take(now: Millis, input: TrackerInput): void {
    switch (input.type) {
      case 'tick':
        return;
      case 'mountAdded':
        this.#addMount(input.mountId, input.bitrateKbps);
        return;
      case 'mountRemoved':
        this.#removeMount(now, input.mountId);
        return;
      case 'connected':
        this.#connect(now, input.connection, input.address);
        return;
      case 'disconnected':
        this.#disconnect(now, input.connection);
        return;
      case 'message': {
        const connection = this.#connections.get(input.connection);
        if (connection === undefined) return;
        if (connection.bucket.take(this.#messageRate, now)) this.#hear(now, connection, input.message);
        else this.#refuse(now, connection, TRACKER_CLOSE_CODES.limited, 'too many messages');
        return;
      }
      case 'seedPath':
      case 'seedStalled':
      case 'seedLost':
        this.#hearOfSeeding(now, input);
    }
  }

  #hearOfSeeding(
    now: Millis,
    input: Extract<TrackerInput, { type: 'seedPath' | 'seedStalled' | 'seedLost' }>,
  ): void {
    const desk = this.#desks.get(input.mountId);
    if (desk === undefined) return;
    if (input.type === 'seedPath') desk.seeds.setPath(input.up, now);
    else {
      const member = desk.swarm.members.get(input.peerId);
      if (member === undefined) return;
      if (input.type === 'seedStalled') desk.seeds.stalled(member, now);
      else desk.seeds.webrtcLost(member, now);
    }
    desk.tick(now);
    this.#tellSeeds(desk, now);
  }

  #hear(now: Millis, connection: Connection, message: ListenerMessage): void {
    if (message.type === 'join') {
      if (connection.joined === null) this.#join(now, connection, message);
      else this.#refuse(now, connection, TRACKER_CLOSE_CODES.malformed, 'joined already');
      return;
    }
    if (connection.joined === null) {
      this.#refuse(now, connection, TRACKER_CLOSE_CODES.malformed, 'the first message must be join');
      return;
    }
    const { desk, member } = connection.joined;
    switch (message.type) {
      case 'signal':
        desk.signal(member, message.to, message.data, now);
        return;
      case 'report':
        desk.report(member, message.report);
        return;
      case 'need':
        desk.need(member, message, now);
        return;
      case 'complaint': {
        const judged = desk.complaint(member, message, now);
        const connection = judged?.member.connection ?? null;
        if (judged !== null && connection !== null)
          this.#outputs.push({ type: judged.verdict, member: connection });
        break;
      }
      case 'seedConnect':
        this.#outputs.push({
          type: 'connectSeed',
          mountId: desk.swarm.mountId,
          peerId: member.id,
          transportId: message.transportId,
          dtlsParameters: message.dtlsParameters,
        });
        return;
      case 'edgeComplaint':
        this.#hearOfEdge(now, connection, desk, member, message);
        return;
      case 'seedFailed':
        this.#outputs.push({
          type: 'seedFailed',
          mountId: desk.swarm.mountId,
          peerId: member.id,
          reason: message.reason,
          complainant: connection.address,
        });
        desk.seeds.webrtcLost(member, now);
        break;
      case 'retire':
        desk.retire(member, now);
        break;
      case 'leave':
        connection.joined = null;
        this.#remove(now, desk, member);
        this.#refuse(now, connection, CLOSE_NORMAL, 'left');
        break;
    }
    this.#tellSeeds(desk, now);
  }

  #hearOfEdge(
    now: Millis,
    connection: Connection,
    desk: SwarmDesk,
    member: Member,
    { address, reason }: Extract<ListenerMessage, { type: 'edgeComplaint' }>,
  ): void {
    member.edgeComplaintBucket ??= new TokenBucket(now);
    const [edge] = edgeAddresses([address]);
    if (edge === undefined || !member.edgeComplaintBucket.take(EDGE_COMPLAINT_RATE, now)) return;
    this.#outputs.push({
      type: 'edgeComplaint',
      mountId: desk.swarm.mountId,
      address: edge,
      reason,
      complainant: connection.address,
    });
  }

  #connect(now: Millis, id: ConnectionId, address: string): void {
    if (this.#connections.has(id))
      throw new Error(`Cannot connect as a connection has an id of its own: current value is ${id}`);
    const peers = this.#peersPerAddress.get(address) ?? 0;
    const connection: Connection = {
      id,
      address,
      bucket: new TokenBucket(now),
      joined: null,
    };
    this.#connections.set(id, connection);
    this.#peersPerAddress.set(address, peers + 1);
    if (peers >= this.#options.peersPerAddressMax)
      this.#refuse(now, connection, TRACKER_CLOSE_CODES.limited, 'too many listeners from this address');
    else this.#joining.push(millis(now + JOIN_TIMEOUT), connection);
  }

  #join(now: Millis, connection: Connection, join: Join): void {
    if (join.version !== TRACKER_PROTOCOL_VERSION) {
      this.#refuse(
        now,
        connection,
        TRACKER_CLOSE_CODES.malformed,
        `version ${TRACKER_PROTOCOL_VERSION} is spoken`,
      );
      return;
    }
    const desk = this.#desks.get(join.mountId);
    if (desk === undefined) {
      this.#refuse(now, connection, TRACKER_CLOSE_CODES.unknownMount, 'no such mount');
      return;
    }
    const returning = memberReturning(desk.swarm, join);
    if (returning === undefined && desk.swarm.members.size >= this.#options.swarmSizeMax) {
      this.#refuse(now, connection, TRACKER_CLOSE_CODES.unavailable, 'the swarm is full');
      return;
    }
    const member = returning ?? this.#newMember(now, desk, join);
    this.#seat(now, desk, connection, member, join);
    desk.joined(member, now, (introduction) => {
      this.#welcome(now, connection, desk, member, introduction);
    });
    this.#tellSeeds(desk, now);
  }

  #newMember(now: Millis, desk: SwarmDesk, join: Join): Member {
    const { identities = randomIdentities } = this.#options;
    return newMember(now, desk.swarm, join, (id) => this.#isTaken(id), this.#random, identities);
  }

  /** Gives the member its place and connection; from another connection, if it still has one, it is taken away. */
  #seat(now: Millis, desk: SwarmDesk, connection: Connection, member: Member, join: Join): void {
    const old = member.connection === null ? undefined : this.#connections.get(member.connection);
    if (old !== undefined) {
      old.joined = null;
      this.#refuse(now, old, TRACKER_CLOSE_CODES.replaced, 'resumed elsewhere');
    }
    member.connection = connection.id;
    member.address = connection.address;
    member.participation = join.participation;
    member.retiredAt = null;
    member.expiresAt = NEVER;
    member.setUploadCap(join.uploadCapKbps, desk.swarm.slotKbps);
    connection.joined = { desk, member };
    desk.swarm.add(member);
    desk.setNeighbours(member, join.neighbours);
  }

  #welcome(
    now: Millis,
    connection: Connection,
    desk: SwarmDesk,
    member: Member,
    introduction: Introduction,
  ): void {
    this.#outputs.push({
      type: 'send',
      connection: connection.id,
      message: {
        type: 'welcome',
        peerId: member.id,
        secret: member.secret,
        serverTimeMs: this.#options.unixTime(now),
        primaryStripe: member.primaryStripe,
        reportIntervalMs: reportInterval(desk.swarm.size, this.#options.reportIntervalMs),
        ...introduction,
      },
    });
  }

  #isTaken(id: string): boolean {
    return [...this.#desks.values()].some((desk) => desk.swarm.members.has(id));
  }

  #disconnect(now: Millis, id: ConnectionId): void {
    const connection = this.#connections.get(id);
    if (connection !== undefined) this.#forget(now, connection);
  }

  /** Ends a connection that broke a rule; its member may come back in time like any other. */
  #refuse(now: Millis, connection: Connection, code: number, reason: string): void {
    this.#outputs.push({ type: 'close', connection: connection.id, code, reason });
    this.#forget(now, connection);
  }

  /** The connection is no more; what it was for stays for a while. */
  #forget(now: Millis, connection: Connection): void {
    const { joined } = connection;
    this.#connections.delete(connection.id);
    connection.joined = null;
    const peers = (this.#peersPerAddress.get(connection.address) ?? 0) - 1;
    if (peers > 0) this.#peersPerAddress.set(connection.address, peers);
    else this.#peersPerAddress.delete(connection.address);
    if (joined === null) return;
    const { desk, member } = joined;
    desk.lost(member, now);
    member.lostAt = now;
    member.expiresAt = millis(now + RESUME_GRACE);
    this.#absent.push(member.expiresAt, joined);
    this.#tellSeeds(desk, now);
  }

  #remove(now: Millis, desk: SwarmDesk, member: Member): void {
    desk.left(member, now);
    this.#releaseSeed(desk, member);
  }

  #releaseSeed(desk: SwarmDesk, member: Member): void {
    if (member.toldSeed !== null && member.toldSeed.stripes !== NO_STRIPES)
      this.#outputs.push({ type: 'releaseSeed', mountId: desk.swarm.mountId, peerId: member.id });
  }

  #addMount(mountId: MountId, bitrateKbps: number): void {
    if (this.#desks.has(mountId))
      throw new Error(`Cannot add a mount as each is tracked once: current value is ${mountId}`);
    const post = { send: (to: Member, message: TrackerMessage): void => this.#post(to, message) };
    const swarm = new Swarm(mountId, bitrateKbps);
    this.#desks.set(mountId, new SwarmDesk(swarm, this.#options.smallSwarmSize, post, this.#random));
  }

  #removeMount(now: Millis, mountId: MountId): void {
    const desk = this.#desks.get(mountId);
    if (desk === undefined) return;
    this.#desks.delete(mountId);
    for (const connection of this.#connections.values()) {
      if (connection.joined?.desk !== desk) continue;
      this.#releaseSeed(desk, connection.joined.member);
      connection.joined = null;
      this.#refuse(now, connection, TRACKER_CLOSE_CODES.unavailable, 'the mount is gone');
    }
  }

  #post(to: Member, message: TrackerMessage): void {
    if (to.connection !== null) this.#outputs.push({ type: 'send', connection: to.connection, message });
  }

  /** Passes on what the seeds' keeper has decided since. */
  #tellSeeds(desk: SwarmDesk, now: Millis): void {
    for (const { member, order } of desk.seeds.takeOrders(now)) {
      if (member.connection === null) continue;
      this.#outputs.push({
        type: 'assignSeed',
        connection: member.connection,
        mountId: desk.swarm.mountId,
        peerId: member.id,
        stripes: stripesIn(order.stripes),
        transport: order.transport,
        solo: order.solo,
      });
    }
  }

  /** Does what is due by now. */
  #advance(now: Millis): void {
    for (const connection of this.#joining.takeDue(now))
      if (connection.joined === null && this.#connections.has(connection.id))
        this.#refuse(now, connection, TRACKER_CLOSE_CODES.malformed, 'no join came');
    for (const { desk, member } of this.#absent.takeDue(now)) {
      if (member.expiresAt > now) continue;
      if (desk.isCutOff && now - member.lostAt < CUT_OFF_GRACE) {
        member.expiresAt = millis(now + CUT_OFF_LOOK);
        this.#absent.push(member.expiresAt, { desk, member });
        continue;
      }
      member.expiresAt = NEVER;
      this.#remove(now, desk, member);
      this.#tellSeeds(desk, now);
    }
    for (const desk of this.#desks.values()) {
      if ((desk.seeds.deadline ?? NEVER) > now) continue;
      desk.tick(now);
      this.#tellSeeds(desk, now);
    }
  }
}

const earlier = (left: Millis | null, right: Millis | null): Millis | null =>
  left === null || right === null ? (left ?? right) : millis(Math.min(left, right));

import { labels } from "../model/labels.ts";
import type { ProjectIdentity } from "../model/resource-names.ts";
import { noSwarm, type SwarmMember, type SwarmMembership, type SwarmRole } from "../model/swarm.ts";
import { readAnswer, requireObject, requireString } from "./client/answers.ts";
import type { Engine } from "./client/engine.ts";
import { getJson, request, requestIfExists, requestUnless } from "./client/request.ts";

type SwarmLabels = Readonly<Record<string, string>> | null;

/** The part of an Engine's information that is about its swarm; Podman has none. */
export interface SwarmInfo {
  readonly NodeID?: string;
  readonly NodeAddr?: string;
  readonly LocalNodeState?: string;
  readonly ControlAvailable?: boolean;
  readonly Error?: string;
  readonly Cluster?: {
    readonly ID?: string;
    readonly Spec?: { readonly Labels?: SwarmLabels };
  } | null;
}

const states: ReadonlySet<string> = new Set(["inactive", "pending", "active", "error", "locked"]);

export function readMembership(info: SwarmInfo | undefined): SwarmMembership {
  const {
    LocalNodeState: state = "",
    NodeID,
    NodeAddr,
    ControlAvailable,
    Error,
    Cluster,
  } = info ?? {};
  if (!states.has(state)) return noSwarm;
  return {
    state: state as SwarmMembership["state"],
    memberId: NodeID ?? "",
    address: NodeAddr ?? "",
    isManager: ControlAvailable ?? false,
    swarm: Cluster?.ID || undefined,
    begunBy: readOwner(Cluster?.Spec?.Labels),
    problem: Error || undefined,
  };
}

function ownerLabels({ name, origin }: ProjectIdentity): Record<string, string> {
  return { [labels.project]: name, [labels.folder]: origin };
}

function readOwner(values: SwarmLabels | undefined): ProjectIdentity | undefined {
  const name = values?.[labels.project];
  return name === undefined ? undefined : { name, origin: values?.[labels.folder] ?? "" };
}

export async function swarmMembership(engine: Engine): Promise<SwarmMembership> {
  const info = await getJson<{ readonly Swarm?: SwarmInfo }>(engine, "/info");
  return readAnswer(engine, info, (answer) => readMembership(requireObject(answer).Swarm));
}

interface ListedMember {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: MemberSpec;
  readonly Description?: { readonly Hostname?: string };
  readonly Status?: { readonly State?: SwarmMember["state"]; readonly Addr?: string };
  readonly ManagerStatus?: { readonly Reachability?: string } | null;
}

interface MemberSpec {
  readonly Role: SwarmRole;
  readonly Availability?: SwarmMember["availability"];
  readonly Labels?: SwarmLabels;
}

/** All machines of a manager's swarm. */
export async function listMembers(manager: Engine): Promise<SwarmMember[]> {
  const list = await getJson<readonly ListedMember[]>(manager, "/nodes");
  return readAnswer(manager, list, (members) => members.map(readMember));
}

function readMember(listed: ListedMember): SwarmMember {
  const { ID, Version, Spec, Description, Status, ManagerStatus } = listed;
  return {
    id: requireString(ID),
    version: Version.Index,
    machine: Description?.Hostname ?? "",
    role: Spec.Role,
    state: Status?.State ?? "unknown",
    address: Status?.Addr ?? "",
    availability: Spec.Availability ?? "active",
    isLost: ManagerStatus?.Reachability === "unreachable",
    joinedBy: readOwner(Spec.Labels),
  };
}

const swarmPort = 2377;

/**
 * Nanoseconds. A machine is down after three periods without a sign of life: 9 s, while Docker's usual 5 s a period leave a
 * service without the tasks of a dead machine for up to 15 s.
 */
const heartbeatPeriod = 3e9;

/**
 * Makes a swarm with this Engine as its first manager.
 *
 * @param pool a range for networks without one of their own
 */
export async function initSwarm(
  engine: Engine,
  { address, pool, owner }: InitOptions,
): Promise<void> {
  const Spec = {
    Labels: ownerLabels(owner),
    Dispatcher: { HeartbeatPeriod: heartbeatPeriod },
  };
  const body = { ...endpoint(address), DefaultAddrPool: [pool], SubnetSize: 24, Spec };
  await request(engine, { method: "POST", path: "/swarm/init", body });
}

interface InitOptions {
  readonly address: string;
  readonly pool: string;
  readonly owner: ProjectIdentity;
}

function endpoint(address: string): object {
  return {
    ListenAddr: `0.0.0.0:${swarmPort}`,
    AdvertiseAddr: address,
    DataPathAddr: address,
  };
}

/** Lets an Engine in as a worker. The token, which a manager gives, is in no path, log or error. */
export async function joinSwarm(
  engine: Engine,
  manager: Engine,
  { address, managers }: JoinOptions,
): Promise<void> {
  const swarm = await getJson<SwarmSecrets>(manager, "/swarm");
  const token = readAnswer(manager, swarm, ({ JoinTokens }) => requireString(JoinTokens.Worker));
  const body = {
    ...endpoint(address),
    RemoteAddrs: managers.map((one) => `${one}:${swarmPort}`),
    JoinToken: token,
  };
  await request(engine, { method: "POST", path: "/swarm/join", body });
}

interface SwarmSecrets {
  readonly JoinTokens: { readonly Worker: string };
}

interface JoinOptions {
  readonly address: string;
  /** Addresses of managers. */
  readonly managers: readonly string[];
}

/** @param force a manager too, also the last one, with which the swarm ends */
export async function leaveSwarm(engine: Engine, force: boolean): Promise<void> {
  // 503: it is in none.
  await requestUnless([503], engine, { method: "POST", path: `/swarm/leave?force=${force}` });
}

/** Changes the role of a machine, or marks it as one that a project has let in. */
export async function updateMember(
  manager: Engine,
  id: string,
  { role, joinedBy }: { readonly role?: SwarmRole; readonly joinedBy?: ProjectIdentity },
): Promise<void> {
  const { Version, Spec } = await getJson<ListedMember>(manager, `/nodes/${id}`);
  const body = {
    ...Spec,
    Role: role ?? Spec.Role,
    Labels: { ...Spec.Labels, ...(joinedBy && ownerLabels(joinedBy)) },
  };
  const path = `/nodes/${id}/update?version=${Version.Index}`;
  await request(manager, { method: "POST", path, body });
}

/** Does nothing if it is gone. */
export async function removeMember(manager: Engine, id: string): Promise<void> {
  await requestIfExists(manager, { method: "DELETE", path: `/nodes/${id}?force=true` });
}

/** Names of the services of a swarm. */
export async function listSwarmServices(manager: Engine): Promise<string[]> {
  const services = await getJson<readonly { readonly Spec: { readonly Name: string } }[]>(
    manager,
    "/services",
  );
  return readAnswer(manager, services, (list) => list.map(({ Spec }) => requireString(Spec.Name)));
}

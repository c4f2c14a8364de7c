import { connect } from "node:net";
import { probeDns } from "../../dns/client/query.ts";
import type { DialTcp } from "../../dns/client/transport.ts";
import type { Engine } from "../../docker/client/engine.ts";
import type { ForwardPort } from "../../docker/client/transport.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import { dialFromContainer } from "../../docker/streams/tcp-relay.ts";
import { originFilter, labels } from "../../model/labels.ts";
import { isReachableFromHost } from "../host/reachability.ts";
import {
  findPeerDial,
  forwardTimeout,
  isInProjectNetwork,
  type RouteSource,
} from "./peer-route.ts";

/** Finds the route to a DNS; undefined: directly from this host. */
type DnsRouter = (server: string) => Promise<DialTcp | undefined>;

interface DnsRoute {
  readonly dial: DialTcp | undefined;
  /** Other than a final one, which is kept, a silent one is looked for again, up to a limit; a changing one always. */
  readonly state: "final" | "silent" | "changing";
}

/** A single one may be a slow moment, as is everything while many instances start; a firewall drops each packet. */
const silencesInARow = 3;

/**
 * Finds routes to DNS servers. This host reaches containers where it has the Engine's bridges, but not where the Engine
 * is rootless or runs on another machine, be it a virtual one. With ssh, that machine forwards the connection; elsewhere
 * another node does, or a container of the project relays it. Routes are cached.
 *
 * @param peers the Engines of the project's other nodes
 */
export function createDnsRouter(
  engine: Engine,
  origin: string,
  peers: readonly Engine[] = [],
): DnsRouter {
  const routes = new Map<string, Promise<DialTcp | undefined>>();
  const silences = new Map<string, number>();
  const relays = new Map<string, DialTcp>();
  const find: DnsRouter = async (server) => {
    let isFinal = false;
    try {
      const { dial, state } = await findRoute({ engine, origin, peers, relays }, server);
      const silent = state === "silent" ? (silences.get(server) ?? 0) + 1 : 0;
      silences.set(server, silent);
      isFinal = state === "final" || silent >= silencesInARow;
      return dial;
    } finally {
      if (!isFinal) routes.delete(server);
    }
  };
  return (server) => {
    const route = routes.get(server) ?? find(server);
    routes.set(server, route);
    return route;
  };
}

interface RelaySource extends RouteSource {
  /** DNS server -> the dial through a container, which all looks for a route share. */
  readonly relays: Map<string, DialTcp>;
}

async function findRoute(source: RelaySource, server: string): Promise<DnsRoute> {
  const { engine, origin } = source;
  if (engine.forward) return findForwardRoute(source, engine.forward, server);
  if (!engine.local) return findRemoteRoute(source, server);
  const isNear = await isReachableFromHost(engine, server);
  if (!isNear && (await isInProjectNetwork(engine, origin, server)))
    return findRelayRoute(source, server, "final");
  const result = await probeDnsPort(server);
  if (result === "open") return { dial: undefined, state: "final" };
  // A DNS nearby that refuses connections is starting. From elsewhere the refusal may come from a router, and Bun reports
  // even a network without any route as a refusal.
  if (result === "refused" && isNear) return { dial: undefined, state: "changing" };
  return findRelayRoute(source, server, "silent");
}

async function findRemoteRoute(source: RelaySource, server: string): Promise<DnsRoute> {
  const found = await findPeerDial(source, server);
  if (typeof found !== "string") return { dial: found, state: "final" };
  return findRelayRoute(source, server, stateOf(found));
}

/** A forward answers at once, and bears fifty questions at a time; a relay starts a process in a container. */
async function findForwardRoute(
  source: RelaySource,
  forward: ForwardPort,
  server: string,
): Promise<DnsRoute> {
  const path = await forward(server, 53).catch(() => undefined);
  if (path === undefined) return findRelayRoute(source, server, "final");
  const dial: DialTcp = () => connect(path);
  const outcome = await probeDns({ server, dial, timeout: forwardTimeout });
  if (outcome === "answers") return { dial, state: "final" };
  return findRelayRoute(source, server, stateOf(outcome));
}

/** What refuses the connection may be a DNS that is starting, and is reached without a relay later. */
function stateOf(outcome: "closed" | "silent"): DnsRoute["state"] {
  return outcome === "closed" ? "changing" : "silent";
}

/**
 * All messages go through one process in a container, as each start of one takes the Engine longer than an answer. Switches
 * to another container when the relay is removed, for example by a rerun.
 */
async function findRelayRoute(
  { engine, origin, relays }: RelaySource,
  server: string,
  state: DnsRoute["state"],
): Promise<DnsRoute> {
  const findRelay = async (): Promise<DialTcp | undefined> =>
    chooseRelay(engine, await listContainers(engine, [originFilter(origin)]), server);
  const first = await findRelay();
  if (!first) return { dial: undefined, state: "changing" };
  const known = relays.get(server);
  if (known) return { dial: known, state };
  const { shareConnection } = await import("../../dns/client/shared-connection.ts");
  let relay = first;
  const dial = shareConnection(async (host, port) => {
    try {
      return await relay(host, port);
    } catch (error) {
      const other = await findRelay();
      if (!other) throw error;
      relay = other;
      return other(host, port);
    }
  });
  relays.set(server, dial);
  return { dial, state };
}

/** The DNS itself, else any instance based on our images: it is in the same network, or has a route out of it. */
function chooseRelay(
  engine: Engine,
  containers: readonly ContainerSummary[],
  server: string,
): DialTcp | undefined {
  const suitable = containers.filter(
    (container) => container.state === "running" && container.labels[labels.base] === "true",
  );
  const dns = suitable.find(({ networks }) =>
    Object.values(networks).some(({ address }) => address === server),
  );
  if (dns) return (_, port) => dialFromContainer(engine, dns.id, "127.0.0.1", port);
  const [relay] = suitable;
  return relay && ((host, port) => dialFromContainer(engine, relay.id, host, port));
}

/** A network without a route to the DNS does not answer any later. */
const connectTimeoutMs = 300;

function probeDnsPort(host: string): Promise<"open" | "refused" | "timeout"> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 53 });
    // In two halves: where this process was held up meanwhile, the answer is read before the second one ends.
    let timer = setTimeout(() => {
      timer = setTimeout(() => finish("timeout"), connectTimeoutMs / 2);
    }, connectTimeoutMs / 2);
    const finish = (outcome: "open" | "refused" | "timeout"): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    socket.once("connect", () => finish("open"));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      finish(code === "ECONNREFUSED" ? "refused" : "timeout"),
    );
  });
}

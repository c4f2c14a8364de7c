import { connect } from "node:net";
import type { DialTcp } from "../../dns/client/transport.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { dialFromContainer } from "../../docker/streams/tcp-relay.ts";
import { listNetworks } from "../../docker/networks.ts";
import { folderFilter, labels } from "../../model/labels.ts";
import { isReachableFromHost, isInSubnets } from "../host/reachability.ts";

/** The way to a DNS; undefined: straight from this host. */
type DnsRouter = (server: string) => Promise<DialTcp | undefined>;

/**
 * Finds ways to DNSs. This host reaches containers where it has their Engine's bridges, and not where the Engine is
 * rootless or behind another machine, be it a virtual one: then a container of the project's network carries the bytes.
 * What was found holds from then on.
 */
export function createDnsRouter(engine: Engine, folder: string): DnsRouter {
  const found = new Map<string, Promise<DnsRoute>>();
  return async (server) => {
    const way = found.get(server) ?? findRoute(engine, folder, server);
    found.set(server, way);
    let isKept = false;
    try {
      const { dial, isSure } = await way;
      isKept = isSure;
      return dial;
    } finally {
      if (!isKept) found.delete(server);
    }
  };
}

interface DnsRoute {
  readonly dial: DialTcp | undefined;
  /** False: nothing answered, which may be otherwise in a moment. */
  readonly isSure: boolean;
}

async function findRoute(engine: Engine, folder: string, server: string): Promise<DnsRoute> {
  const isNear = await isReachableFromHost(engine, server);
  if (!isNear && (await isInProjectNetwork(engine, folder, server)))
    return findRelayRoute(engine, folder, server);
  const reached = await probeDnsPort(server);
  // Near, a DNS that refuses is one that is starting. From elsewhere the refusal may be a router's, and Bun calls even a
  // network without any route a refusal.
  if (reached === "open" || (reached === "refused" && isNear))
    return { dial: undefined, isSure: reached === "open" };
  return findRelayRoute(engine, folder, server);
}

/** Where only containers lead: what answers here at the same address is another's, or a router's idea. */
async function isInProjectNetwork(
  engine: Engine,
  folder: string,
  server: string,
): Promise<boolean> {
  if (!engine.local) return true;
  const own = (await listNetworks(engine)).filter((one) => one.labels[labels.folder] === folder);
  const subnets = own.flatMap((one) => one.subnets);
  return isInSubnets(subnets, server);
}

/** A container that carries the bytes may go, as in a rerun of it: then another one does. */
async function findRelayRoute(engine: Engine, folder: string, server: string): Promise<DnsRoute> {
  const find = async (): Promise<DialTcp | undefined> =>
    chooseRelay(engine, await listContainers(engine, [folderFilter(folder)]), server);
  const first = await find();
  if (!first) return { dial: undefined, isSure: false };
  let relay = first;
  const dial: DialTcp = async (host, port) => {
    try {
      return await relay(host, port);
    } catch (error) {
      const other = await find();
      if (!other) throw error;
      relay = other;
      return other(host, port);
    }
  };
  return { dial, isSure: true };
}

/** The DNS itself, else any instance that has our image's shell: in the same network, or with a way out of it. */
function chooseRelay(
  engine: Engine,
  containers: readonly ContainerSummary[],
  server: string,
): DialTcp | undefined {
  const able = containers.filter(
    (one) => one.state === "running" && one.labels[labels.base] === "true",
  );
  const own = able.find(({ networks }) =>
    Object.values(networks).some(({ address }) => address === server),
  );
  if (own) return (_, port) => dialFromContainer(engine, own.id, "127.0.0.1", port);
  const [other] = able;
  return other && ((host, port) => dialFromContainer(engine, other.id, host, port));
}

/** Milliseconds after which nothing more is expected of a network without a way to the DNS. */
const connectTimeoutMs = 300;

function probeDnsPort(host: string): Promise<"open" | "refused" | "silence"> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 53 });
    const timer = setTimeout(() => end("silence"), connectTimeoutMs);
    const end = (outcome: "open" | "refused" | "silence"): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    socket.once("connect", () => end("open"));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      end(code === "ECONNREFUSED" ? "refused" : "silence"),
    );
  });
}

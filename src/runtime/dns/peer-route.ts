import { connect } from "node:net";
import { probeDns } from "../../dns/client/query.ts";
import { dialDirectly, type DialTcp } from "../../dns/client/transport.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { listNetworks } from "../../docker/networks.ts";
import { labels } from "../../model/labels.ts";
import { isInSubnets } from "../host/reachability.ts";
import { directSubnets } from "../host/routes.ts";

export interface RouteSource {
  readonly engine: Engine;
  readonly origin: string;
  /** The Engines of the project's other nodes. */
  readonly peers: readonly Engine[];
}

/** Milliseconds, of which a forwarded question takes one or two. */
export const forwardTimeout = 1000;

/**
 * Finds a route to a DNS that does not lead through the Engine, for one that is reached by TCP: the machine of another
 * node forwards the connection, or this host reaches the DNS itself. A relay needs a process in a container.
 *
 * @returns "closed" where a connection is refused, as by a DNS that is starting; "silent" where there is no route
 */
export async function findPeerDial(
  { engine, origin, peers }: RouteSource,
  server: string,
): Promise<DialTcp | "closed" | "silent"> {
  // Every node chooses the same subnets: at its address elsewhere is another container, often another DNS.
  if (await isInSubnetsOf(engine, origin, server)) return "silent";
  const isNear = [engine, ...peers].some(({ endpoint }) => isBeside(endpoint, server));
  const overPeers = await Promise.all(peers.map((peer) => dialOver(peer, origin, server)));
  const probes = [isNear ? dialDirectly : undefined, ...overPeers].flatMap((dial) =>
    dial ? [probe(dial, server)] : [],
  );
  const answering = probes.map(async (probed) => {
    const outcome = await probed;
    return typeof outcome === "string" ? Promise.reject(new Error(outcome)) : outcome;
  });
  return Promise.any(answering).catch(async () =>
    (await Promise.all(probes)).includes("closed") ? "closed" : "silent",
  );
}

async function dialOver(
  peer: Engine,
  origin: string,
  server: string,
): Promise<DialTcp | undefined> {
  if (peer.local) {
    const isInside = await isInSubnetsOf(peer, origin, server).catch(() => true);
    return isInside ? undefined : dialDirectly;
  }
  const path = await peer.forward?.(server, 53).catch(() => undefined);
  return path === undefined ? undefined : () => connect(path);
}

/** Whether only containers reach it: a host that answers here at the same address is another one. */
export async function isInProjectNetwork(
  engine: Engine,
  origin: string,
  server: string,
): Promise<boolean> {
  return !engine.local || isInSubnetsOf(engine, origin, server);
}

async function isInSubnetsOf(engine: Engine, origin: string, server: string): Promise<boolean> {
  const networks = (await listNetworks(engine)).filter(
    (network) => network.labels[labels.folder] === origin,
  );
  const subnets = networks.flatMap((network) => network.subnets);
  return isInSubnets(
    subnets.filter((subnet) => !subnet.includes(":")),
    server,
  );
}

async function probe(dial: DialTcp, server: string): Promise<DialTcp | "closed" | "silent"> {
  const outcome = await probeDns({ server, dial, timeout: forwardTimeout });
  return outcome === "answers" ? dial : outcome;
}

/** Whether it is the address at which an Engine is reached by TCP, or one of the same network of this host. */
function isBeside(endpoint: string, server: string): boolean {
  const host = /^tcp:\/\/([\d.]+)(?::\d+)?$/.exec(endpoint)?.[1];
  if (host === undefined || host === server) return host === server;
  return directSubnets().some((subnet) =>
    [host, server].every((address) => isInSubnets([subnet], address)),
  );
}

import type Docker from "dockerode";
import { labels } from "../../model/labels.ts";
import type { ReynsError } from "../../errors.ts";
import type { Engine, EngineRequest, FleetMember } from "../client/engine.ts";
import { mergeLines } from "./merge-lines.ts";
import { createSwarmRoute, type SwarmRoute } from "./swarm-route.ts";

/** Where each container is, as far as it has been listed: by its id, and by its name where only one Engine has that. */
type Owners = Map<string, FleetMember | undefined>;

/**
 * Several Engines as one, for commands that look at containers or act on single ones: lists and events come from all, with
 * the node as a label, and what is about a container goes to the Engine that has it. It creates nothing: what it would be
 * created on is for the caller to say. Services of a swarm are a manager's; questions about machines are answered by the
 * first.
 */
export function createFleetEngine(
  given: readonly FleetMember[],
  unreachable: readonly ReynsError[] = [],
  builder = given[0]?.name ?? "",
): Engine {
  const owners: Owners = new Map();
  const route = createSwarmRoute(given);
  const members = given.map((member) => noteOwners(member, owners, route));
  const [first] = members;
  if (!first) throw new Error("a fleet without an Engine");
  const knownOwner = (path: string): Engine | undefined => {
    const [, id = ""] = /^\/(?:containers|exec)\/([^/?]+)/.exec(path) ?? [];
    return owners.get(id)?.engine;
  };
  const ownerOf = (path: string): Engine => knownOwner(path) ?? first.engine;
  const changedOn = (path: string): Engine => {
    const engine = knownOwner(path);
    if (!engine) throw new Error(`on which node is not known: ${path}`);
    return engine;
  };
  return {
    ...first.engine,
    endpoint: members.map(({ engine }) => engine.endpoint).join(", "),
    local: false,
    forward: undefined,
    offer: undefined,
    hostAddresses: undefined,
    sharedEnvironment: async () => ({}),
    client: () => createFleetClient(members, owners),
    send: async (request) => {
      if (isList(request)) return listAll(members, request);
      const manager = await route(request, first.engine);
      if (manager !== first.engine) return manager.send(request);
      const { method, path } = request;
      const only = method === "GET" || method === "HEAD" ? ownerOf(path) : changedOn(path);
      return only.send(request);
    },
    attach: async (path, reader) => changedOn(path).attach(path, reader),
    download: (path, signal) => ownerOf(path).download(path, signal),
    fleet: { members, builder, unreachable, engineOf: (id) => ownerOf(`/containers/${id}`) },
  };
}

interface Listed {
  readonly Id: string;
  readonly Names?: readonly string[] | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

function isList({ path }: EngineRequest): boolean {
  return path.startsWith("/containers/json");
}

function isNewExec({ method, path }: EngineRequest): boolean {
  return method === "POST" && /^\/containers\/[^/]+\/exec$/.test(path);
}

/** Gives the containers in an Engine's lists their node as a label, and remembers where they are. */
function noteOwners({ name, engine }: FleetMember, owners: Owners, route: SwarmRoute): FleetMember {
  // What a service of a swarm has taken the place of may be on another node.
  const ownerElsewhere = (path: string): Engine | undefined => {
    const [, id = ""] = /^\/(?:containers|exec)\/([\da-f]{64})\b/.exec(path) ?? [];
    const owner = owners.get(id);
    return owner === member ? undefined : owner?.engine;
  };
  const member: FleetMember = {
    name,
    engine: {
      ...engine,
      ownerOf: (id) => owners.get(id)?.engine,
      attach: async (path, reader) => (ownerElsewhere(path) ?? engine).attach(path, reader),
      send: async (request) => {
        const own = ownerElsewhere(request.path) ?? (await route(request, engine));
        const answer = await own.send(request);
        if (!answer.ok) return answer;
        if (isNewExec(request)) {
          const { Id } = (await answer.clone().json()) as Listed;
          owners.set(Id, member);
        }
        if (!isList(request)) return answer;
        const listed = (await answer.json()) as Listed[];
        for (const container of listed) noteOwner(container, member, owners);
        return Response.json(
          listed.map((container) => ({
            ...container,
            Labels: { ...container.Labels, [labels.node]: name },
          })),
        );
      },
    },
  };
  return member;
}

function noteOwner({ Id, Names }: Listed, member: FleetMember, owners: Owners): void {
  owners.set(Id, member);
  for (const name of (Names ?? []).map((given) => given.replace(/^\//, ""))) {
    const known = owners.has(name) ? owners.get(name) : member;
    owners.set(name, known === member ? member : undefined);
  }
}

/** The containers of all Engines. */
async function listAll(members: readonly FleetMember[], request: EngineRequest): Promise<Response> {
  const answers = await Promise.all(members.map(({ engine }) => engine.send(request)));
  const refusal = answers.find(({ ok }) => !ok);
  if (refusal) return refusal;
  const lists = await Promise.all(answers.map((answer) => answer.json() as Promise<Listed[]>));
  return Response.json(lists.flat());
}

/** A client of the first Engine whose containers are those of all. */
async function createFleetClient(members: readonly FleetMember[], owners: Owners): Promise<Docker> {
  const clients = new Map(
    await Promise.all(
      members.map(async (member) => [member, await member.engine.client()] as const),
    ),
  );
  const [first] = clients.values();
  const client = Object.create(first ?? null) as Docker;
  client.getContainer = (id) => {
    const owner = owners.get(id);
    const own = (owner && clients.get(owner)) ?? first;
    if (!own) throw new Error("a fleet without an Engine");
    return own.getContainer(id);
  };
  client.getEvents = (async (options: Docker.GetEventsOptions) => {
    const streams = await Promise.all(
      [...clients].map(async ([member, own]) => ({
        stream: await own.getEvents(options),
        onLine: (line: string) => {
          const id = /"ID":"([\da-f]{64})"/.exec(line)?.[1];
          if (id !== undefined) owners.set(id, member);
        },
      })),
    );
    return mergeLines(streams);
  }) as Docker["getEvents"];
  return client;
}

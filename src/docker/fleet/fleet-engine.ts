import type Docker from "dockerode";
import { labels } from "../../model/labels.ts";
import type { ReynsError } from "../../errors.ts";
import type { Engine, EngineRequest, FleetMember } from "../client/engine.ts";
import { mergeLines } from "./merge-lines.ts";

/** Where each container is, as far as it has been listed. */
type Owners = Map<string, FleetMember>;

/**
 * Several Engines as one, for commands that look at containers or act on single ones: lists and events come from all, with
 * the node as a label, and what is about a container goes to the Engine that has it. It creates nothing: what it would be
 * created on is for the caller to say.
 */
export function createFleetEngine(
  given: readonly FleetMember[],
  unreachable: readonly ReynsError[] = [],
): Engine {
  const owners: Owners = new Map();
  const members = given.map((member) => noteOwners(member, owners));
  const [first] = members;
  if (!first) throw new Error("a fleet without an Engine");
  const ownerOf = (path: string): Engine => {
    const [, id = ""] = /^\/(?:containers|exec)\/([^/?]+)/.exec(path) ?? [];
    return owners.get(id)?.engine ?? first.engine;
  };
  return {
    ...first.engine,
    endpoint: members.map(({ engine }) => engine.endpoint).join(", "),
    local: false,
    forward: undefined,
    sharedEnvironment: async () => ({}),
    client: () => createFleetClient(members, owners),
    send: async (request) => {
      if (isList(request)) return listAll(members, request);
      return ownerOf(request.path).send(request);
    },
    attach: (path, reader) => ownerOf(path).attach(path, reader),
    download: (path, signal) => ownerOf(path).download(path, signal),
    fleet: { members, unreachable, engineOf: (id) => ownerOf(`/containers/${id}`) },
  };
}

interface Listed {
  readonly Id: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

function isList({ path }: EngineRequest): boolean {
  return path.startsWith("/containers/json");
}

/** Gives the containers in an Engine's lists their node as a label, and remembers where they are. */
function noteOwners({ name, engine }: FleetMember, owners: Owners): FleetMember {
  const member: FleetMember = {
    name,
    engine: {
      ...engine,
      send: async (request) => {
        const answer = await engine.send(request);
        if (!isList(request) || !answer.ok) return answer;
        const listed = (await answer.json()) as Listed[];
        for (const { Id } of listed) owners.set(Id, member);
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

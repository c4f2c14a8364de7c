// What an Engine answers that keeps what it is asked to create.

export type JsonObject = { readonly [key: string]: unknown };

/** A request, without the API's version. */
export interface EngineCall {
  readonly method: string;
  /** "/containers/ID/start" -> ["containers", "ID", "start"] */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: JsonObject;
}

export type Answer = readonly [status: number, body?: unknown];

/** A resource, and the request that created it. */
interface Resource {
  readonly name: string;
  readonly id: string;
  readonly request: JsonObject;
}

export interface FakeContainer extends Resource {
  /** The networks that it has joined later, and how. */
  readonly joined: Record<string, JsonObject>;
  hasStarted: boolean;
  /** Ends the stream of those who are attached to a job. */
  endOutput?: () => void;
}

export interface EngineState {
  readonly containers: FakeContainer[];
  readonly networks: Resource[];
  readonly volumes: Resource[];
  readonly given: Given;
}

/** What the Engine is like before anybody asks. */
export interface Given {
  /** Services whose containers end at once, with status 0; all others are healthy as soon as they start. */
  readonly jobs: readonly string[];
  /** Networks and volumes that are there. */
  readonly existing: readonly string[];
}

export const imageId = `sha256:${"b".repeat(64)}`;

const longAgo = "2026-01-01T00:00:00Z";
const never = "0001-01-01T00:00:00Z";

export function answerNetworks(call: EngineCall, state: EngineState): Answer {
  const { networks, containers, given } = state;
  const { method, body, query } = call;
  const [, name, verb] = call.parts;
  const all = [...networks, ...given.existing.map(existingResource)];
  if (name === undefined)
    return [200, all.filter((network) => isListed(network, query)).map(inspectNetwork)];
  if (name === "create") return create(networks, String(body["Name"]), body);
  const found = all.find(isNamed(name));
  if (verb === "connect") {
    const container = containers.find(isNamed(String(body["Container"])));
    const settings = (body["EndpointConfig"] ?? {}) as JsonObject;
    if (container) container.joined[found?.name ?? name] = settings;
    return [200];
  }
  if (method !== "GET") return [204];
  return found ? [200, inspectNetwork(found)] : [404, { message: `network ${name} not found` }];
}

function existingResource(name: string): Resource {
  return { name, id: name.padEnd(64, "d"), request: {} };
}

function inspectNetwork({ name, id, request }: Resource): JsonObject {
  const ipam = request["IPAM"] as { readonly Config?: readonly JsonObject[] } | null | undefined;
  const subnet = `10.99.${id.length > 0 ? Number.parseInt(id.slice(-2), 16) : 0}.0/24`;
  return {
    ...request,
    Name: name,
    Id: id,
    Scope: "local",
    Driver: request["Driver"] || "bridge",
    IPAM: ipam?.Config?.length ? ipam : { Driver: "default", Config: [{ Subnet: subnet }] },
    Containers: {},
  };
}

export function answerVolumes({ parts: [, name], body }: EngineCall, state: EngineState): Answer {
  const { volumes, given } = state;
  if (name === undefined) return [200, { Volumes: volumes.map(inspectVolume), Warnings: null }];
  if (name === "create") {
    create(volumes, String(body["Name"]), body);
    return [201, inspectVolume({ name: String(body["Name"]), id: "", request: body })];
  }
  const found = [...volumes, ...given.existing.map(existingResource)].find(isNamed(name));
  return found ? [200, inspectVolume(found)] : [404, { message: `get ${name}: no such volume` }];
}

function inspectVolume({ name, request }: Resource): JsonObject {
  const driver = request["Driver"] || "local";
  return { ...request, Name: name, Driver: driver, Mountpoint: "/volume", CreatedAt: longAgo };
}

export function answerContainers(call: EngineCall, state: EngineState): Answer {
  const { method, query, body } = call;
  const [, name = "", verb] = call.parts;
  const { containers } = state;
  if (name === "create") {
    const container = { joined: {}, hasStarted: false };
    return create(containers, query.get("name") ?? "", body, container);
  }
  if (name === "json") {
    const listed = containers.filter(
      (one) => isListed(one, query) && (query.get("all") || one.hasStarted),
    );
    return [200, listed.map((one) => summarize(one, state))];
  }
  const found = containers.find(isNamed(name));
  if (!found) return [404, { message: `No such container: ${name}` }];
  if (verb === "json") return [200, inspect(found, state)];
  if (verb === "wait") return [200, { StatusCode: 0, Error: null }];
  if (verb === "exec") return [201, { Id: "e".repeat(64) }];
  if (verb === "start") {
    found.hasStarted = true;
    found.endOutput?.();
  }
  if (method === "DELETE") containers.splice(containers.indexOf(found), 1);
  return [verb === "archive" ? 200 : 204];
}

function create<Kind extends Resource>(
  all: (Kind | Resource)[],
  name: string,
  request: JsonObject,
  more: Partial<Kind> = {},
): Answer {
  const id = (all.length + 1).toString(16).padStart(64, "a");
  all.push({ name, id, request, ...more });
  return [201, { Id: id, Warnings: [] }];
}

function isNamed(name: string): (resource: Resource) => boolean {
  return (resource) => resource.name === name || resource.id === name;
}

function labelsOf({ request }: Resource): Readonly<Record<string, string>> {
  return (request["Labels"] ?? {}) as Readonly<Record<string, string>>;
}

/** Whether the filters of a list select it: lists of texts, or objects with the texts as keys. */
function isListed(resource: Resource, query: URLSearchParams): boolean {
  const filters = JSON.parse(query.get("filters") ?? "{}") as Record<string, object>;
  const valuesOf = (key: string): string[] => {
    const given = filters[key] ?? [];
    return Array.isArray(given) ? given.map(String) : Object.keys(given);
  };
  const labels = labelsOf(resource);
  const hasLabels = valuesOf("label").every((label) => {
    const [key = "", ...value] = label.split("=");
    return value.length === 0 ? key in labels : labels[key] === value.join("=");
  });
  const names = valuesOf("name");
  return hasLabels && (names.length === 0 || names.some((name) => resource.name.includes(name)));
}

export function isJob(container: Resource, { jobs }: Given): boolean {
  const labels = labelsOf(container);
  const service = labels["com.docker.compose.service"] ?? labels["io.reyns.service"] ?? "";
  return jobs.some((job) => job === service || job.replaceAll(/[._]/g, "-") === service);
}

function stateOf(container: FakeContainer, { given }: EngineState): JsonObject {
  const times = { StartedAt: never, FinishedAt: never };
  if (!container.hasStarted) return { Status: "created", Running: false, ExitCode: 0, ...times };
  const StartedAt = longAgo;
  if (isJob(container, given))
    return { Status: "exited", Running: false, ExitCode: 0, StartedAt, FinishedAt: longAgo };
  const health = { Status: "healthy", FailingStreak: 0, Log: [] };
  return { Status: "running", Running: true, ExitCode: 0, ...times, StartedAt, Health: health };
}

function networksOf({ request, joined }: FakeContainer): Record<string, JsonObject> {
  const config = (request["NetworkingConfig"] ?? {}) as { EndpointsConfig?: object };
  return { ...(config.EndpointsConfig as Record<string, JsonObject>), ...joined };
}

function inspect(container: FakeContainer, state: EngineState): JsonObject {
  const { id, name, request } = container;
  return {
    Id: id,
    Name: `/${name}`,
    Created: longAgo,
    Image: imageId,
    Config: request,
    HostConfig: request["HostConfig"],
    Mounts: [],
    RestartCount: 0,
    State: stateOf(container, state),
    NetworkSettings: { Networks: networksOf(container), Ports: {} },
  };
}

function summarize(container: FakeContainer, state: EngineState): JsonObject {
  const { id, name, request } = container;
  const { NetworkMode } = (request["HostConfig"] ?? {}) as JsonObject;
  return {
    Id: id,
    Names: [`/${name}`],
    Image: request["Image"],
    ImageID: imageId,
    Created: 1,
    State: stateOf(container, state)["Status"],
    Status: "Up",
    Ports: [],
    Labels: labelsOf(container),
    HostConfig: { NetworkMode },
    NetworkSettings: { Networks: networksOf(container) },
    Mounts: [],
  };
}

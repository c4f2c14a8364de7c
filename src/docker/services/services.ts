import { readAnswer, requireObject, requireString } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { getJson, request, requestIfExists, requestUnless } from "../client/request.ts";
import { retryOutOfSequence } from "../out-of-sequence.ts";
import type { EditedService, Service, ServiceSpec, SwarmTask } from "./types.ts";

interface ServiceAnswer {
  readonly ID: string;
  readonly Version?: { readonly Index?: number };
  readonly CreatedAt?: string;
  readonly UpdatedAt?: string;
  readonly Spec: ServiceSpec;
  readonly UpdateStatus?: { readonly State?: string; readonly Message?: string } | null;
}

function readService(answer: ServiceAnswer): Service {
  const { ID, Version, CreatedAt, UpdatedAt, Spec, UpdateStatus } = requireObject(answer);
  return {
    id: requireString(ID),
    version: Version?.Index ?? 0,
    spec: requireObject(Spec),
    createdAt: Math.floor(Date.parse(CreatedAt ?? "") / 1000) || 0,
    updatedAt: Date.parse(UpdatedAt ?? "") / 1000 || 0,
    update: UpdateStatus?.State
      ? { state: UpdateStatus.State, message: UpdateStatus.Message ?? "" }
      : undefined,
  };
}

/** Answers of an Engine that is no manager of a swarm, or of Podman, which has none. */
const notManaging = [404, 406, 503];

/**
 * Lists the services of a swarm that have all of the labels (`name=value`).
 *
 * @returns undefined where the Engine is no manager of one
 */
export async function listServices(
  engine: Engine,
  labels: readonly string[],
): Promise<Service[] | undefined> {
  const filters = encodeURIComponent(JSON.stringify({ label: labels }));
  const path = `/services?filters=${filters}`;
  const options = { method: "GET", path, versionless: true } as const;
  const services = await requestUnless<ServiceAnswer[]>(notManaging, engine, options);
  return services && readAnswer(engine, services, (list) => list.map(readService));
}

export async function inspectService(engine: Engine, id: string): Promise<Service | undefined> {
  const path = `/services/${encodeURIComponent(id)}`;
  const found = await requestIfExists<ServiceAnswer>(engine, { method: "GET", path });
  return found && readAnswer(engine, found, readService);
}

/** @returns its id */
export async function createService(engine: Engine, spec: ServiceSpec): Promise<string> {
  const options = { method: "POST", path: "/services/create", body: spec } as const;
  return readAnswer(engine, await request<{ ID: string }>(engine, options), ({ ID }) =>
    requireString(ID),
  );
}

/**
 * Changes a service as it is at that moment.
 *
 * @param edit its new spec; called again where Swarm has changed the service meanwhile
 * @returns what it was and what it is now; undefined when it is gone
 */
export function editService(
  engine: Engine,
  id: string,
  edit: (service: Service) => ServiceSpec | Promise<ServiceSpec>,
): Promise<EditedService | undefined> {
  return retryOutOfSequence(async () => {
    const service = await inspectService(engine, id);
    if (!service) return undefined;
    const body = await edit(service);
    const path = `/services/${service.id}/update?version=${service.version}`;
    await request(engine, { method: "POST", path, body });
    return { former: service, body };
  });
}

/** Makes Swarm go back to the spec before the last change, unless that update is over meanwhile. */
export function rollBackUpdate(engine: Engine, id: string): Promise<void> {
  return retryOutOfSequence(async () => {
    const service = await inspectService(engine, id);
    if (service?.update?.state !== "updating") return;
    const path = `/services/${id}/update?version=${service.version}&rollback=previous`;
    await request(engine, { method: "POST", path, body: service.spec });
  });
}

/** Does nothing if it is gone. */
export async function removeService(engine: Engine, id: string): Promise<void> {
  await requestIfExists(engine, { method: "DELETE", path: `/services/${id}` });
}

interface TaskAnswer {
  readonly ID: string;
  readonly ServiceID?: string;
  readonly NodeID?: string;
  readonly Slot?: number;
  readonly DesiredState?: string;
  readonly Spec?: { readonly ForceUpdate?: number };
  readonly Status?: {
    readonly Timestamp?: string;
    readonly State?: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number };
  };
}

/** Id of each service of the swarm -> how many of its tasks run that should: others may be about to end, or be on a node that is away. */
export async function countRunningTasks(engine: Engine): Promise<ReadonlyMap<string, number>> {
  const filters = encodeURIComponent(JSON.stringify({ "desired-state": ["running"] }));
  const tasks = await getJson<TaskAnswer[]>(engine, `/tasks?filters=${filters}`);
  const running = readAnswer(engine, tasks, (list) =>
    list.map(readTask).filter(({ state }) => state === "running"),
  );
  const byService = Map.groupBy(running, ({ service }) => service);
  return new Map([...byService].map(([service, those]) => [service, those.length]));
}

/** The tasks of a service, those included that have ended, as far as Swarm keeps them; the newest first. */
export async function listTasks(engine: Engine, service: string): Promise<SwarmTask[]> {
  // A filter by service is refused once that is gone.
  const tasks = await getJson<TaskAnswer[]>(engine, "/tasks");
  return readAnswer(engine, tasks, (list) =>
    list
      .map(readTask)
      .filter((task) => task.service === service)
      .toSorted((a, b) => (a.since < b.since ? 1 : -1)),
  );
}

function readTask({
  ID,
  ServiceID,
  NodeID,
  Slot,
  DesiredState,
  Spec,
  Status,
}: TaskAnswer): SwarmTask {
  const { ContainerID, ExitCode } = Status?.ContainerStatus ?? {};
  return {
    id: requireString(ID),
    service: ServiceID ?? "",
    slot: Slot ?? 0,
    node: NodeID || undefined,
    state: Status?.State ?? "",
    desired: DesiredState ?? "",
    error: Status?.Err || undefined,
    exitCode: ExitCode,
    forceUpdate: Spec?.ForceUpdate ?? 0,
    container: ContainerID || undefined,
    since: Status?.Timestamp ?? "",
  };
}

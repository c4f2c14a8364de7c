import { findInstances, findOneInstance } from "../../../plan/select/choose.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { InstanceLog } from "../../../model/tests.ts";
import type { Project } from "../../../model/project.ts";
import type { TargetQuery, TestAccess } from "../../../project/tests/run-function.ts";
import { engineTime, type Engine } from "../../../runtime/connect.ts";
import { readLogs } from "../../../runtime/sessions/logs.ts";
import { listInstances } from "../../common/context.ts";
import { requireContainer } from "../../common/only-containers.ts";
import { checkRunning, preferRunning } from "../../common/resolve-instance.ts";
import { createTaskExec } from "../do/exec.ts";
import { fetchRoute, findRoute, type RouteRequest } from "./fetch-route.ts";
import { prepareUrls, urlOf } from "./instance-url.ts";
import { request } from "./request.ts";

/** What a test does with the copy. */
export interface TestConnection {
  readonly access: TestAccess;
  /** The end of what the instances that the test has used have printed since its start. */
  readonly readLogs: () => Promise<InstanceLog[]>;
  /** Resolves when its commands in instances are dead, after the signal. */
  readonly killed: () => Promise<unknown>;
}

/** Lines of each instance that are shown with a failure. */
const shownLines = 10;

/** The instances that a test uses, by host name. */
type UsedInstances = Map<string, ObservedInstance>;

export async function connectTest(project: Project, signal: AbortSignal): Promise<TestConnection> {
  const { engine, instances } = await listInstances({ mayBeNew: true });
  const used: UsedInstances = new Map();
  const since = await engineTime(engine);
  // `url` does not wait, so the addresses are looked up when the test starts.
  const urls = await prepareUrls(engine, project, instances);
  const { exec, killed } = createTaskExec(() => {}, signal);
  const access: TestAccess = {
    exec: async (call) => {
      await findNow({ service: call.service, instance: call.instance ?? undefined }, used);
      return exec({ ...call, options: { ...call.options, quiet: true } });
    },
    url: (query, port) => {
      const instance = findUsed(instances, query, used);
      requireContainer(instance);
      checkRunning(instance);
      return urls(instance, port);
    },
    logs: async (query, tail) =>
      (await logOf(engine, await findNow(query, used), { tail })).join("\n"),
    fetch: async (target, path = "/", options) => {
      const route = findRoute(project, target);
      if (route)
        return fetchFromRouter(engine, used, { ...route, path: route.path ?? path }, options);
      if (target instanceof URL) return request(target, options);
      const instance = await findNow(target, used);
      requireContainer(instance);
      checkRunning(instance);
      return request(new URL(path, await urlOf(engine, project, instance)), options);
    },
  };
  return { access, killed, readLogs: async () => lastLines(engine, used, since) };
}

function findUsed(
  instances: readonly ObservedInstance[],
  query: TargetQuery,
  used: UsedInstances,
): ObservedInstance {
  const candidates = preferRunning(instances, findInstances(instances, query));
  const instance = findOneInstance(candidates, query);
  used.set(instance.host, instance);
  return instance;
}

/** The test may have changed what runs. */
async function findNow(query: TargetQuery, used: UsedInstances): Promise<ObservedInstance> {
  return findUsed((await listInstances({ mayBeNew: true })).instances, query, used);
}

async function fetchFromRouter(
  engine: Engine,
  used: UsedInstances,
  route: RouteRequest,
  options: RequestInit,
): Promise<Response> {
  const { instances } = await listInstances({ mayBeNew: true });
  for (const instance of instances)
    if (instance.isRouter || route.services.has(instance.service))
      used.set(instance.host, instance);
  return fetchRoute(engine, instances, route, options);
}

async function lastLines(
  engine: Engine,
  used: UsedInstances,
  since: string,
): Promise<InstanceLog[]> {
  const options = { since, tail: shownLines };
  return Promise.all(
    [...used.values()].map(async (instance) => ({
      host: instance.host,
      lines: await logOf(engine, instance, options),
    })),
  );
}

async function logOf(
  engine: Engine,
  instance: ObservedInstance,
  options: { readonly tail?: number | undefined; readonly since?: string },
): Promise<string[]> {
  const lines: string[] = [];
  await readLogs(engine, [instance], options, {
    onLine: (_, { text }) => void lines.push(text),
    onUnreadable: () => {},
  });
  return lines;
}

import { isDebugging, sayLine } from "../../ui/output/log-line.ts";
import { traced, traceEnded } from "../../ui/trace/trace.ts";
import { withSlowNotice } from "../../ui/progress/slow-notice.ts";
import { openEngine, type Engine } from "../../runtime/connect.ts";
import { observeContainers } from "../../runtime/observe/containers.ts";
import { basename } from "../../lib/path.ts";
import type { ObservedInstance, ObservedKeeper, HostAddress } from "../../model/observed.ts";
import { findProject, type ProjectPlace } from "../../project/locate.ts";
import { peekProjectName } from "../../project/guess-name.ts";
import type { Project } from "../../model/project.ts";

/** The Engine of the caller's environment; `LOG_LEVEL=DEBUG` shows every call to it, `REYNS_TRACE` keeps them. */
export function connectEngine(): Promise<Engine> {
  return openEngine(process.env, {
    onCall: ({ method, path, milliseconds }) => {
      traceEnded("engine", `${method} ${path.split("?")[0]}`, milliseconds, { path });
      if (isDebugging) sayLine("debug", `${method} ${path} ${milliseconds.toFixed(1)} ms`);
    },
    whileConnecting: (coming) => withSlowNotice("connecting to the Engine", coming),
  });
}

export function locateProject(): Promise<ProjectPlace> {
  return findProject(process.cwd(), process.env, basename(process.argv0));
}

/** The whole project, its definition run. */
export async function loadProject(conf?: string): Promise<Project> {
  const [place, { readProject }] = [await locateProject(), await import("../../project/read.ts")];
  return reading(readProject(place, process.env, conf));
}

/** A definition may run commands, or ask somewhere. */
export function reading<Value>(coming: Promise<Value>): Promise<Value> {
  return traced("read the definition", () => withSlowNotice("reading the definition", coming));
}

/** What runs of the project here, without running its definition. */
export async function listInstances(): Promise<{
  engine: Engine;
  place: ProjectPlace;
  project: { readonly name: string | undefined; readonly folder: string };
  instances: readonly ObservedInstance[];
  keeper: ObservedKeeper | undefined;
}> {
  const place = await locateProject();
  const { folder } = place;
  const engine = await connectEngine();
  const nameOf = (): Promise<string | undefined> => peekProjectName(place, process.env);
  const { name, ...observed } = await asking(observeContainers(engine, folder, nameOf));
  return { engine, place, project: { name, folder }, ...observed };
}

/** An Engine may be far away, or busy. */
export function asking<Value>(coming: Promise<Value>): Promise<Value> {
  return withSlowNotice("asking the Engine", coming);
}

/** Every IPv4 address of this host, with its interface. */
export function addressesOfHost(): HostAddress[] {
  const { networkInterfaces } = process.getBuiltinModule("node:os");
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.filter(({ family }) => family === "IPv4").map(({ address }) => ({ name, address })),
  );
}

/** Interface name -> its first IPv4 address. */
export function hostInterfaces(addresses = addressesOfHost()): Record<string, string> {
  const first: Record<string, string> = {};
  for (const { name, address } of addresses) first[name] ??= address;
  return first;
}

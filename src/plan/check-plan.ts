import { ReynsError, ReynsErrors } from "../errors.ts";
import type { InstanceDefinition, Project } from "../model/project.ts";
import { checkNames, hostNameOf } from "../model/host-names.ts";
import { nothingObserved } from "../model/observed.ts";
import type { StartInstance } from "../model/steps.ts";
import { privilegesOf } from "./checks/privileges.ts";
import { selfTargetErrors } from "./checks/self-targets.ts";
import { mountSources, type MountSource } from "./mount-sources.ts";
import { planRun, type RunPlan } from "./run-plan.ts";
import { plainSelection } from "./select/selection.ts";

/**
 * What is wrong with a project beyond what reading it shows: circles, ports that are published twice, options that are
 * not supported. Planned as if nothing ran; what depends on the host, such as its interfaces, is left to the run.
 */
export function findPlanErrors(project: Project): ReynsError[] {
  const { first, repeated } = namedInstances(project);
  const named = withInstances(project, first);
  if (first.length === 0) return [];
  const mistakes = errorsOf(() => planAll(named)).filter(({ code }) => code === "INVALID_PROJECT");
  const projects = [named, ...repeated.map((instance) => withRepeated(named, instance))];
  const shared = projects.flatMap((each) => sharedPortErrors(each));
  const messages = shared.map(({ message }) => message);
  const clashes = shared.filter(({ message }, index) => messages.indexOf(message) === index);
  return [...mistakes, ...selfTargetErrors(project.conf), ...clashes];
}

interface NamedInstances {
  readonly first: InstanceDefinition[];
  /** Further ones of a name that the first have. */
  readonly repeated: InstanceDefinition[];
}

/** Reading the project reports the names that are not valid, and a second instance of a name: the first one is planned. */
function namedInstances({ conf }: Project): NamedInstances {
  const named: NamedInstances = { first: [], repeated: [] };
  const seen = new Set<string>();
  for (const definition of conf.instances) {
    const { service, instance } = definition;
    if (checkNames(service, instance).length > 0) continue;
    const host = instance === undefined ? undefined : hostNameOf(service, instance);
    const isRepeated = host !== undefined && seen.has(host);
    if (host !== undefined) seen.add(host);
    named[isRepeated ? "repeated" : "first"].push(definition);
  }
  return named;
}

/** As if the second one of a name were the only one: it may clash with others where the first does not. */
function withRepeated(project: Project, repeated: InstanceDefinition): Project {
  const hostOf = ({ service, instance = "" }: InstanceDefinition): string =>
    hostNameOf(service, instance);
  const host = hostOf(repeated);
  const others = project.conf.instances.filter((each) => hostOf(each) !== host);
  return withInstances(project, [...others, repeated]);
}

/** An instance that may more than a container may by itself. */
export interface InstancePrivileges {
  readonly host: string;
  /** In words for people. */
  readonly privileges: readonly string[];
}

/** Those of a project's instances that its definition gives more than a container's own rights. */
export function listPrivileges(project: Project): InstancePrivileges[] {
  return listStarts(project)
    .map(({ host, spec }) => ({ host, privileges: privilegesOf(spec, project) }))
    .filter(({ privileges }) => privileges.length > 0);
}

/** Files and folders of the host that instances mount and that no run creates. */
export function listRequiredPaths(project: Project): MountSource[] {
  return mountSources(listStarts(project), project).filter(({ isMade }) => !isMade);
}

function listStarts(project: Project): StartInstance[] {
  if (project.conf.instances.length === 0) return [];
  let steps: RunPlan["steps"] = [];
  // Without this host's variables there is no plan: the run will say which.
  errorsOf(() => ({ steps } = planAll(project)));
  return steps.filter((step) => step.kind === "start-instance");
}

/** Ports that two instances publish. Those of different groups usually run on different machines. */
function sharedPortErrors(project: Project): ReynsError[] {
  const groups = Map.groupBy(project.conf.instances, ({ group }) => group);
  return [...groups.values()].flatMap((instances) =>
    errorsOf(() => planWithValues(withInstances(project, instances)))
      .filter(({ code }) => code === "PORT_TAKEN")
      .map(({ message, hint, at }) => new ReynsError("INVALID_PROJECT", message, { hint, at })),
  );
}

/** Where a port is published is known only when every variable has a value. */
function planWithValues(project: Project): RunPlan {
  const { missing } = planAll(project);
  return planAll(project, Object.fromEntries(missing.map(({ name }) => [name, anyAddress])));
}

function withInstances(project: Project, instances: readonly InstanceDefinition[]): Project {
  return { ...project, conf: { ...project.conf, instances } };
}

/** Stands for values that only a host has (RFC 5737). */
const anyAddress = "192.0.2.1";

/** An address for each network interface that the definition names. */
function interfacesOf({ conf }: Project): Record<string, string> {
  const texts = conf.instances.flatMap(({ env }) =>
    Object.values(env).flatMap((value) => ("text" in value ? value.text : [])),
  );
  const names = texts.flatMap((text) => /^from_(.+)$/.exec(text)?.[1] ?? []);
  return Object.fromEntries(names.map((name) => [name, anyAddress]));
}

function errorsOf(plan: () => unknown): ReynsError[] {
  try {
    plan();
    return [];
  } catch (error) {
    const errors = error instanceof ReynsErrors ? error.errors : [error];
    return errors.map((mistake) => {
      if (!(mistake instanceof ReynsError)) throw mistake;
      return mistake;
    });
  }
}

function planAll(project: Project, caller: Readonly<Record<string, string>> = {}): RunPlan {
  return planRun({
    project,
    observed: nothingObserved,
    selections: [plainSelection("*")],
    sources: { caller, hostConf: {}, interfaces: interfacesOf(project) },
    hostHostname: "",
    build: { cache: true, rebuildBundled: false, assets: "", rootfs: undefined, builder: {} },
    timeout: 0,
    parallel: false,
    recreate: false,
    keep: false,
    prune: false,
    previousRunFailed: false,
    allowPublic: false,
    hostAddresses: undefined,
  });
}

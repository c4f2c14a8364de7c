import { withoutUndefined } from "../../../lib/without-undefined.ts";
import { ReynsError } from "../../../errors.ts";
import type { NetworkOptions } from "../../../api/network.ts";
import type { VolumeDefinition } from "../../../model/container-spec.ts";
import type { ComposeFile } from "../compose-file.ts";
import type { ComposeProject } from "../compose-project.ts";
import { collectRefusals } from "./context.ts";
import { targetErrors } from "./mounts.ts";
import { mapService, type MappedService } from "./map-service.ts";
import { serviceName } from "./names.ts";
import { declaredNetworks } from "./networks.ts";
import { relativePath } from "./values.ts";

/** A Compose project in the terms of a `reyns.ts`. */
export interface MappedProject {
  /** Each after those that it depends on. */
  readonly services: readonly MappedService[];
  readonly volumes: Readonly<Record<string, VolumeDefinition>>;
  readonly networks: Readonly<Record<string, NetworkOptions>>;
  /** Absolute paths of the files of all secrets, also of those that no service uses. */
  readonly secretFiles: readonly string[];
  readonly errors: readonly ReynsError[];
  /** Fields that are left out, as the caller allows. */
  readonly omitted: readonly string[];
}

/**
 * @param allowed fields to leave out instead of refusing them
 * @param folder the one that paths are written relative to
 */
export function mapProject(
  project: ComposeProject,
  allowed: ReadonlySet<string> = new Set(),
  folder = project.folder,
): MappedProject {
  const { file, enabled } = project;
  const refusals = collectRefusals(project, allowed);
  const pathOf = (absolute: string): string => relativePath(folder, absolute);
  const services = inOrder(file).map((name) => {
    const service = file.services[name] ?? { command: null, entrypoint: null };
    const context = { file, name, service, pathOf, refusals, entries: new Map() };
    return mapService(context, enabled.has(name));
  });
  const networks = declaredNetworks(file, refusals);
  const errors = [...refusals.errors, ...nameErrors(project), ...targetErrors(project)];
  return {
    services,
    volumes: volumesOf(file),
    networks,
    secretFiles: Object.values(file.secrets ?? {}).flatMap(({ file: path }) => path ?? []),
    errors,
    omitted: refusals.omitted,
  };
}

/** The names of the services, each after those that it depends on. */
function inOrder({ services }: ComposeFile): string[] {
  const ordered = new Set<string>();
  const visiting = new Set<string>();
  const visit = (name: string): void => {
    if (visiting.has(name) || !Object.hasOwn(services, name)) return;
    visiting.add(name);
    for (const before of Object.keys(services[name]?.depends_on ?? {})) visit(before);
    ordered.add(name);
  };
  for (const name of Object.keys(services)) visit(name);
  return [...ordered];
}

function nameErrors(project: ComposeProject): ReynsError[] {
  const byName = Map.groupBy(Object.keys(project.file.services), serviceName);
  return [...byName].flatMap(([name, [first, ...others]]) =>
    others.map(
      (other) =>
        new ReynsError("INVALID_PROJECT", `${first} and ${other} are both called ${name} here`, {
          hint: "give them names that differ in more than capitals, dots and _",
          at: project.placeOf(["services", other]),
        }),
    ),
  );
}

function volumesOf({ volumes = {} }: ComposeFile): MappedProject["volumes"] {
  return Object.fromEntries(
    Object.entries(volumes).map(([key, volume]) => {
      const { name, external = false, driver, driver_opts: driverOpts, labels } = volume;
      const isPlain = external || driver === "local";
      return [
        key,
        {
          external,
          ...withoutUndefined({ name, driver: isPlain ? undefined : driver }),
          ...withoutUndefined({ driverOpts, labels }),
        },
      ];
    }),
  );
}

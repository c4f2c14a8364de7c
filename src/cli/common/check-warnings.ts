import { existsSync } from "node:fs";
import { relative } from "node:path";
import { ReynsError, type Place } from "../../errors.ts";
import { isShellName } from "../../lib/shell-quote.ts";
import { definedHostOf, hostNameOf } from "../../model/host-names.ts";
import { ownNetwork, shownNetwork } from "../../model/resource-names.ts";
import type { Project } from "../../model/project.ts";
import { listRequiredPaths } from "../../plan/check-plan.ts";
import { locateErrors } from "../../project/script/locate-options.ts";
import { exposedHostConf } from "../../project/host-conf.ts";
import { readExpected } from "../../project/expected.ts";

/** What is no mistake, but worth a look: in the confs of a project, and in what ran by the last commands. */
export function checkWarnings(projects: readonly Project[]): string[] {
  const warnings = [
    ...projects.flatMap(({ conf }) => conf.warnings ?? []),
    ...projects.flatMap(missingPaths),
    ...projects.flatMap(unreadableVariables),
    ...unusedNetworks(projects),
    ...unusedNodes(projects),
    ...orphans(projects),
    ...projects.map(({ folder }) => exposedHostConf(folder)),
  ];
  return [...new Set(warnings.filter((warning) => warning !== undefined))];
}

/** Not an error: what is missing here may be there where the project runs. */
function missingPaths(project: Project): string[] {
  return listRequiredPaths(project)
    .filter(({ source }) => !existsSync(source))
    .map(({ host, source, target, at }) => {
      const text = `${host}: ${source}, mounted at ${target}, does not exist here`;
      return `${text}${at ? placeText(at, project) : ""}`;
    });
}

/** " (reyns.ts:2:60)" */
function placeText(at: Place, { folder }: Project): string {
  const [located] = locateErrors([new ReynsError("INVALID_PROJECT", "", { at })]);
  const { file, line, column } = located?.at ?? at;
  const path = relative(folder, file);
  return ` (${[path, line, column].filter((part) => part !== undefined).join(":")})`;
}

/** Networks that no instance of any conf is in. */
function unusedNetworks(projects: readonly Project[]): string[] {
  const used = new Set(
    projects.flatMap(({ conf }) =>
      conf.instances.flatMap(({ networks, networkMode }) =>
        (networks ?? (networkMode ? [] : [{ network: ownNetwork }])).map(({ network }) => network),
      ),
    ),
  );
  return projects.flatMap((project) =>
    Object.entries(project.conf.networks ?? {}).flatMap(([key, { at }]) => {
      if (used.has(key)) return [];
      return `network ${shownNetwork(key)}: no instance is in it${at ? placeText(at, project) : ""}`;
    }),
  );
}

/** Machines on which no conf runs anything. */
function unusedNodes(projects: readonly Project[]): string[] {
  const groups = new Set(projects.flatMap(({ conf }) => conf.instances.map(({ group }) => group)));
  return projects.flatMap((project) =>
    Object.entries(project.conf.nodes ?? {}).flatMap(([name, { at }]) =>
      groups.has(name)
        ? []
        : [`node ${name}: no instance is in its group${placeText(at, project)}`],
    ),
  );
}

/** Names with dots are usual: programs that are configured by them read no shell variables. */
function unreadableVariables({ conf }: Project): string[] {
  return conf.instances.flatMap((definition) =>
    Object.keys(definition.env)
      .filter((name) => !isShellName(name) && !name.includes("."))
      .map((name) => `${definedHostOf(definition)}: no shell can read a variable named ${name}`),
  );
}

/** Instances of the last commands that no conf defines any more. */
function orphans(projects: readonly Project[]): string[] {
  const [project] = projects;
  if (!project) return [];
  const definitions = projects.flatMap(({ conf }) => conf.instances);
  const hosts = new Set(definitions.map(definedHostOf));
  const services = new Set([
    ...definitions.map(({ service }) => service),
    ...project.services.keys(),
  ]);
  return readExpected(project)
    .instances.filter(({ service, isAdHoc }) => !(isAdHoc && services.has(service)))
    .map(({ service, instance }) => hostNameOf(service, instance))
    .filter((host) => !hosts.has(host))
    .map((host) => `${host} is no longer defined; remove it with: reyns run all prune=true`);
}

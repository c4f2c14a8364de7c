import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ReynsError } from "../../errors.ts";
import { withFormerNames } from "../conf/docker-ops.ts";
import type { ProjectPlace } from "../locate.ts";
import type { FoundServices } from "./folder.ts";
import { checkNames } from "../../model/host-names.ts";
import type { Conf, ServiceFolder } from "../../model/project.ts";
import { routerService } from "../../model/routes.ts";

/** The images that come with Reyns and can run as services themselves. */
export const bundledServices: readonly ServiceFolder[] = [
  bundled("reyns-common", [], []),
  bundled("reyns-base", ["reyns/reyns-common"], []),
  bundled(
    "reyns-dns",
    ["reyns/reyns-common"],
    [
      { container: 53, host: 53, protocol: "udp" },
      { container: 53, host: 53, protocol: "tcp" },
    ],
  ),
  bundled(routerService, ["reyns/reyns-common"], []),
];

function bundled(name: string, parents: string[], ports: ServiceFolder["ports"]): ServiceFolder {
  return {
    name,
    folder: undefined,
    image: `reyns/${name}`,
    parents,
    ports,
    privileged: false,
    requiredVariables: {},
    prestartup: undefined,
    noAutobuild: false,
    buildArguments: [],
    repeatable: false,
  };
}

/**
 * Finds the services of a project: the bundled ones, every folder of `services/` with a Dockerfile (`NAME_custom` replaces
 * `NAME`), and those that the option `build` builds from other folders.
 */
export async function readServices(
  place: ProjectPlace,
  project: string,
  conf: Conf,
): Promise<FoundServices> {
  const { servicesFolder, dockerOps } = place;
  const known = dockerOps ? withFormerNames(bundledServices) : bundledServices;
  const services = new Map(known.map((service) => [service.name, service]));
  const folders = place.compose === undefined ? findServiceFolders(servicesFolder) : new Map();
  const hasBuilds = conf.instances.some(({ build }) => build !== undefined);
  if (folders.size === 0 && !hasBuilds) return { services, errors: [] };
  const [{ readServiceFolder }, { addBuildServices }] = await Promise.all([
    import("./folder.ts"),
    import("./build-option.ts"),
  ]);
  const errors: ReynsError[] = [];
  for (const [name, path] of folders) {
    errors.push(...checkNames(name, undefined, { file: path }));
    services.set(name, readServiceFolder(name, path, { project, dockerOps }, errors));
  }
  return addBuildServices(conf, { services, errors }, place, project);
}

/** Service name -> its folder; a `_custom` folder replaces the plain one. */
function findServiceFolders(servicesFolder: string): Map<string, string> {
  if (!existsSync(servicesFolder)) return new Map();
  const entries = readdirSync(servicesFolder, { withFileTypes: true }).filter(
    (entry) => !entry.name.startsWith(".") && !entry.isFile(),
  );
  const folders = entries.map((entry) => entry.name).toSorted();
  const plain = folders.filter((folder) => !folder.endsWith("_custom"));
  const custom = folders.filter((folder) => folder.endsWith("_custom"));
  const chosen = new Map([
    ...plain.map((folder) => [folder, folder] as const),
    ...custom.map((folder) => [folder.slice(0, -"_custom".length), folder] as const),
  ]);
  const paths = [...chosen].map(([name, folder]) => [name, join(servicesFolder, folder)] as const);
  return new Map(paths.filter(([, path]) => existsSync(join(path, "Dockerfile"))));
}

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ReynsError } from "../../errors.ts";
import type { ProjectPlace } from "../locate.ts";
import { checkNames } from "../../model/host-names.ts";
import type { Conf, ServiceFolder } from "../../model/project.ts";

/** The images that Reyns carries and that can run as services themselves. */
export const carriedServices: readonly ServiceFolder[] = [
  carried("reyns-common", [], []),
  carried("reyns-base", ["reyns/reyns-common"], []),
  carried(
    "reyns-dns",
    ["reyns/reyns-common"],
    [
      { container: 53, host: 53, protocol: "udp" },
      { container: 53, host: 53, protocol: "tcp" },
    ],
  ),
];

function carried(name: string, parents: string[], ports: ServiceFolder["ports"]): ServiceFolder {
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

/** The same service by the name that the oldest projects have for it. */
function formerly(service: ServiceFolder): ServiceFolder {
  return { ...service, name: service.name.replace(/^reyns-/, "dockerops-") };
}

/** Services by name, with the mistakes in what was read of them. */
export interface FoundServices {
  readonly services: ReadonlyMap<string, ServiceFolder>;
  readonly errors: readonly ReynsError[];
}

/**
 * The services of a project: those that Reyns carries, every folder of `services/` that has a Dockerfile
 * (`NAME_custom` in place of `NAME`), and those that the definition builds from a folder of its own choice. What reads
 * Dockerfiles is loaded where there are any.
 */
export async function readServices(
  place: ProjectPlace,
  project: string,
  conf: Conf,
): Promise<FoundServices> {
  const { servicesFolder, dockerOps } = place;
  const known = dockerOps
    ? [...carriedServices, ...carriedServices.map(formerly)]
    : carriedServices;
  const services = new Map(known.map((service) => [service.name, service]));
  const folders = foldersIn(servicesFolder);
  const hasBuilds = conf.instances.some(({ build }) => build !== undefined);
  if (folders.size === 0 && !hasBuilds) return { services, errors: [] };
  const [{ readServiceFolder }, { withBuilds }] = await Promise.all([
    import("./folder.ts"),
    import("./build-option.ts"),
  ]);
  const errors: ReynsError[] = [];
  for (const [name, path] of folders) {
    errors.push(...checkNames(name, undefined, { file: path }));
    services.set(name, readServiceFolder(name, path, { project, dockerOps }, errors));
  }
  return withBuilds(conf, { services, errors }, place, project);
}

/** Service name -> its folder; a `_custom` folder takes the place of the plain one. */
function foldersIn(servicesFolder: string): Map<string, string> {
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

// Compatibility with DockerOps, the oldest of the tools that Reyns replaces: its services and images have other names.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ServiceFolder } from "../../model/project.ts";

/** Without a `reyns.ts`, a folder with a `run.conf` and no `default.conf` is a project of DockerOps. */
export function isDockerOpsFolder(folder: string): boolean {
  return existsSync(join(folder, "run.conf")) && !existsSync(join(folder, "default.conf"));
}

/** An image whose services publish the ports of `EXPOSE`, as those of DockerOps do. */
export function isDockerOpsImage(image: string): boolean {
  return image.startsWith("dockerops/");
}

/** Adds the services under the names that DockerOps has for them. */
export function withFormerNames(services: readonly ServiceFolder[]): ServiceFolder[] {
  const renamed = services.map((service) => ({
    ...service,
    name: service.name.replace(/^reyns-/, "dockerops-"),
  }));
  return [...services, ...renamed];
}

/** `dockerops-dns` -> `reyns-dns`, also as the beginning of a host name */
export function currentServiceName(name: string): string {
  return name.replace(/^dockerops-(?=(common|base|dns)(-|$))/, "reyns-");
}

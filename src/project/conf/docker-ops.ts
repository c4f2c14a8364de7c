// Compatibility with DockerOps, the oldest of the tools that Reyns replaces: its services and images have other names.
import type { ServiceFolder } from "../../model/project.ts";

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

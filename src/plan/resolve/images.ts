import { isGitContext, tagsOf } from "../../model/build.ts";
import { projectOrigin } from "../../model/copy-origin.ts";
import type { InstanceDefinition, Project, ServiceFolder } from "../../model/project.ts";
import { labels } from "../../model/labels.ts";
import { routerService } from "../../model/routes.ts";
import type { Observed } from "../../model/observed.ts";

/** What everything bundled builds on. */
export const rootImage = "debian:bookworm-slim";

const dnsImage = "reyns/reyns-dns";

/** What the executable carries, parents first. */
export const bundledImages = ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"];

/** The same with the router, whose image is built only where a project has one. */
export const carriedImages = [...bundledImages, `reyns/${routerService}`];

/** The names that projects of the older tools use in `FROM`; tags of the same images. */
const formerName = /^(?:reyns\/reyns|dockerops\/dockerops)-(common|base|dns)(?:-[a-z]+[\d.]+)?$/;

/** An image's name as it is kept: without `:latest`, and the current name for a former one. */
export function currentImageName(name: string): string {
  const plain = name.replace(/:latest$/, "");
  const former = formerName.exec(plain);
  return former ? `reyns/reyns-${former[1]}` : plain;
}

/** The tag under which the Engine lists an image. */
export function tagged(name: string): string {
  return /[:@][^/]+$/.test(name) ? name : `${name}:latest`;
}

/** The name of the image that an instance runs: its own, or that of its service. */
export function imageOf({ services }: Pick<Project, "services">, instance: InstanceImage): string {
  return instance.image ?? services.get(instance.service)?.image ?? instance.service;
}

type InstanceImage = Pick<InstanceDefinition, "image" | "service">;

/** Every image that a plan of the project may have to know of, by the tags under which the Engine has them. */
export function imagesOf({ services, conf }: Pick<Project, "services" | "conf">): string[] {
  const hasRouter = conf.instances.some(({ service }) => service === routerService);
  const needed = [...services.values()].filter(({ name }) => hasRouter || name !== routerService);
  const named = [
    rootImage,
    ...bundledImages,
    ...needed.flatMap(({ image, parents }) => [image, ...parents]),
    ...conf.instances.flatMap(({ image }) => image ?? []),
  ];
  return [...new Set(named.flatMap((name) => [tagged(name), tagged(currentImageName(name))]))];
}

/** The service that makes an image, under this name or as another name of its own. */
export function serviceOfImage(
  project: Pick<Project, "services">,
  image: string,
): ServiceFolder | undefined {
  const name = currentImageName(image);
  const services = [...project.services.values()];
  return (
    services.find((service) => service.image === name) ??
    services.find(({ build }) => build && tagsOf(build).some((tag) => tagged(tag) === tagged(name)))
  );
}

/** The service itself and the services that its image builds on, the service first. */
function lineageOf(project: Project, service: ServiceFolder): ServiceFolder[] {
  const lineage: ServiceFolder[] = [];
  for (let current: ServiceFolder | undefined = service; current && !lineage.includes(current);) {
    lineage.push(current);
    const parent: string | undefined = current.parents.at(-1);
    current = parent === undefined ? undefined : serviceOfImage(project, parent);
  }
  return lineage;
}

/** Prestartup scripts along the lineage, parents' first. */
export function prestartupOrder(project: Project, service: ServiceFolder | undefined): string[] {
  if (!service) return [];
  return lineageOf(project, service)
    .toReversed()
    .flatMap(({ prestartup }) => prestartup ?? []);
}

/** True when an image serves the zone: the bundled DNS, or what builds on it. */
export function isDnsImage(project: Project, image: string, observed: Observed): boolean {
  const service = serviceOfImage(project, image);
  if (service && !isBuilt(project, observed, image))
    return lineageOf(project, service).some((one) => one.image === dnsImage);
  return observed.images.get(tagged(image))?.labels[labels.dns] === "true";
}

/**
 * An image of the same name that another project has built on this Engine is not this project's; one from another machine
 * has been brought here to be used, and its folder is there. A bundled one is always planned for, which builds it when
 * another executable did.
 */
export function isBuilt(project: Project, observed: Observed, image: string): boolean {
  if (carriedImages.includes(image)) return false;
  const found = observed.images.get(tagged(image));
  if (!found) return false;
  const origin = found.labels[labels.folder];
  return (
    origin === undefined || origin === projectOrigin(project.origin) || found.isImported === true
  );
}

/**
 * True when an image has our entrypoint: it builds on a bundled one. Its Dockerfile may say something else by now, which
 * counts when it is built.
 */
export function hasEntrypoint(project: Project, image: string, observed: Observed): boolean {
  const service = serviceOfImage(project, image);
  const isFound = isBuilt(project, observed, image);
  if (service && !isFound && !isGitContext(service.folder ?? "")) {
    const lineage = lineageOf(project, service);
    const foreign = lineage.at(-1)?.parents.at(-1);
    return (
      lineage.some(({ folder }) => folder === undefined) ||
      (foreign !== undefined &&
        observed.images.get(tagged(foreign))?.labels[labels.base] === "true")
    );
  }
  return observed.images.get(tagged(image))?.labels[labels.base] === "true";
}

import { listContainers } from "../../docker/containers/list.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import { projectOrigin } from "../../model/copy-origin.ts";
import { labels } from "../../model/labels.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { splitTag } from "../../docker/images/image-name.ts";
import {
  listImages,
  removeImage,
  shortImageName,
  type ImageSummary,
} from "../../docker/images/images.ts";
import type { Engine } from "../connect.ts";

/** An image that a project runs or has built, under one of its names. */
export interface ProjectImage {
  /** With its tag; its id where it has none. */
  readonly name: string;
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** Those whose instances run it: of a service's own name, only those that run it under this one. */
  readonly services: readonly string[];
  readonly isBuilt: boolean;
}

/** The images that instances run, and those that were built in the project's folder, by name. */
export async function observeProjectImages(
  engine: Engine,
  origin: string,
  instances: readonly ObservedInstance[],
): Promise<ProjectImage[]> {
  const used = Map.groupBy(instances, ({ imageId }) => imageId);
  const images = await listImages(engine);
  return images
    .flatMap((image): ProjectImage[] => {
      const { id, size, createdAt } = image;
      const users = used.get(id) ?? [];
      const isBuilt = isBuiltIn(image, origin);
      if (users.length === 0 && !isBuilt) return [];
      const common = { id, size, createdAt, isBuilt };
      const names = namesOf(image);
      return names.map((name) => ({ name, ...common, services: servicesOf(name, names, users) }));
    })
    .toSorted((one, other) => compareStrings(one.name, other.name));
}

/** Services with the same build have the same image, each under a name of its own; other names are those of all. */
function servicesOf(
  name: string,
  names: readonly string[],
  users: readonly ObservedInstance[],
): string[] {
  const isOfService = users.some(({ project }) => fullName(name).startsWith(`${project}/`));
  const ofName = users.filter(({ image }) => {
    const used = names.find((one) => fullName(one) === fullName(image));
    return used === undefined || used === name;
  });
  const listed = ofName.length > 0 || isOfService ? ofName : users;
  return [...new Set(listed.map(({ service }) => service))].toSorted(compareStrings);
}

function fullName(name: string): string {
  return splitTag(shortImageName(name)).join(":");
}

function isBuiltIn(image: ImageSummary, origin: string): boolean {
  return image.labels[labels.folder] === projectOrigin(origin);
}

/** Its tags. A name with a digest is one more name of an image that was pulled. */
function namesOf({ id, names }: ImageSummary): string[] {
  const tags = names.filter((name) => !name.includes("@") && !name.startsWith("<none>"));
  return tags.length > 0 ? tags : [id];
}

interface BuiltBy {
  /** Undefined: of whatever name. */
  readonly name: string | undefined;
  readonly origin: string;
}

/** What has become of the images that a project has built. */
export interface RemovedImages {
  readonly removed: readonly string[];
  /** Still used by a container, or by another image. */
  readonly kept: readonly string[];
}

/**
 * Removes the images that a project has built, with all their names. Those that a container of another project has stay, and
 * so do the names of other projects in the folder.
 *
 * @param isWanted whether the images of a name are meant; those without a name are removed only together with all
 */
export async function removeBuiltImages(
  engine: Engine,
  { name: project, origin }: BuiltBy,
  isWanted: ((name: string) => boolean) | undefined,
): Promise<RemovedImages> {
  const [images, containers] = await Promise.all([listImages(engine), listContainers(engine, [])]);
  const isOfProject = (name: string): boolean =>
    project === undefined || !name.includes("/") || name.startsWith(`${project}/`);
  const wanted = images.filter((image) => {
    const names = namesOf(image);
    return isBuiltIn(image, origin) && names.some(isOfProject) && names.some(isWanted ?? Boolean);
  });
  const others = containers.filter(
    ({ labels: values }) => values[labels.project] !== project || values[labels.folder] !== origin,
  );
  const used = new Set(
    others.flatMap(({ image, imageId, labels: values }) => [
      fullName(values[labels.image] || image),
      imageId,
    ]),
  );
  const folderProjects = others.flatMap(({ labels: values }) =>
    values[labels.folder] === origin ? `${values[labels.project]}/` : [],
  );
  const isOthers = (name: string): boolean =>
    !isOfProject(name) && folderProjects.some((prefix) => name.startsWith(prefix));
  const outcomes: [name: string, isRemoved: boolean][] = [];
  // The newest first: older ones may be what they are made of.
  for (const image of wanted.toSorted((one, other) => other.createdAt - one.createdAt))
    for (const name of namesOf(image)) {
      if (isOthers(name)) continue;
      const isUsed = used.has(fullName(name)) || (!isOfProject(name) && used.has(image.id));
      outcomes.push([name, !isUsed && (await removeImage(engine, name))]);
    }
  const namesWith = (isRemoved: boolean): string[] =>
    outcomes.filter(([, outcome]) => outcome === isRemoved).map(([name]) => name);
  return { removed: namesWith(true), kept: namesWith(false) };
}

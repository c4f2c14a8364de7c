import { dirname, extname, relative, sep } from "node:path";
import { inside, type Place } from "../errors.ts";
import type { Mount } from "../model/container-spec.ts";
import { hostNameOf } from "../model/host-names.ts";
import type { Project } from "../model/project.ts";
import { keysFolder } from "../model/resource-names.ts";
import type { Step } from "../model/steps.ts";
import { volumeMount } from "./describe/mounts.ts";

/** A file or folder of the host that an instance mounts. */
export interface MountSource {
  readonly host: string;
  readonly source: string;
  readonly target: string;
  /** A run makes a folder when nothing is there. */
  readonly isMade: boolean;
  /** The entry of `volumes`, where it is one. */
  readonly at: Place | undefined;
}

/** What the instances that a plan starts mount from the host, without the project's keys. */
export function mountSources(steps: readonly Step[], project: Project): MountSource[] {
  const keys = keysFolder(project);
  return steps.flatMap((step) => {
    if (step.kind !== "start-instance") return [];
    const { host, spec, folders } = step;
    return spec.mounts
      .filter(({ type, source }) => type === "bind" && dirname(source) !== keys)
      .map((mount) => ({
        host,
        source: mount.source,
        target: mount.target,
        isMade: folders.includes(mount.source) && !isFile(mount),
        at: placeOf(mount, host, project),
      }));
  });
}

/** By its name: nobody wants a folder `nginx.conf`. Those of fragments are folders: `conf.d`. */
function isFile({ source, target, createHostPath }: Mount): boolean {
  const extensions = [source, target].map((path) => extname(path));
  return (
    createHostPath !== true &&
    extensions.every((extension) => /^\.[a-z]\w*$/i.test(extension) && extension !== ".d")
  );
}

function placeOf({ source, target }: Mount, host: string, project: Project): Place | undefined {
  const definition = project.conf.instances.find(
    ({ service, instance }) => instance !== undefined && hostNameOf(service, instance) === host,
  );
  if (!definition) return undefined;
  const index = definition.volumes.findIndex((volume) => {
    const mount = volumeMount(volume, project, host);
    return mount.source === source && mount.target === target;
  });
  return index < 0 ? definition.at : inside(definition.at, "volumes", index);
}

/** Whether a path is in the project's folder, or in that of its data. */
export function isInProject(path: string, { folder, dataFolder }: Project): boolean {
  return [folder, dataFolder].some((parent) => path.startsWith(parent + sep));
}

/** "./config"; the whole path of what is outside of the project. */
export function sourceText(path: string, { folder }: Pick<Project, "folder">): string {
  return path.startsWith(folder + sep) ? `./${relative(folder, path)}` : path;
}

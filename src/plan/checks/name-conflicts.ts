import { inside, ReynsError } from "../../errors.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { toValidName } from "../../model/host-names.ts";
import { belongsTo } from "../../model/labels.ts";
import { isRunning, type NameConflict, type Observed } from "../../model/observed.ts";
import type { VolumeWriter } from "../../model/observed-volume.ts";
import type { Project } from "../../model/project.ts";
import { folderOfOrigin } from "../../model/resource-names.ts";
import type { Step } from "../../model/steps.ts";
import type { DescribedStart } from "../describe/described-start.ts";

/** All names that the plan needs and that something else has: it is never taken for the project's own. */
export function nameConflictErrors(
  steps: readonly Step[],
  strangers: readonly NameConflict[],
): ReynsError[] {
  return steps.flatMap((step) => {
    const wanted = nameIn(step);
    const holder = strangers.find(
      ({ kind, name, project, origin }) =>
        kind === wanted?.kind &&
        name === wanted.name &&
        !(step.kind === "create-network" && belongsTo(step.labels, { name: project, origin })),
    );
    return wanted && holder ? takenName(step.title, holder) : [];
  });
}

/** The networks of the Engine as holders of their names; those of the project hold them by right. */
export function foreignNetworks({ networks = [] }: Observed): NameConflict[] {
  return networks.map(({ name, project, origin }) => ({ kind: "network", name, project, origin }));
}

function nameIn(step: Step): Pick<NameConflict, "kind" | "name"> | undefined {
  if (step.kind === "create-network") return { kind: "network", name: step.name };
  return "spec" in step ? { kind: "container", name: step.spec.name } : undefined;
}

function takenName(title: string, { kind, name, project, origin }: NameConflict): ReynsError {
  const whose =
    origin === "" ? "not Reyns's" : `of the project ${project} in ${folderOfOrigin(origin)}`;
  const message = `${title}: its name is taken by the ${kind} ${name}, which is ${whose}`;
  const hint =
    kind === "container"
      ? `look at it (docker inspect ${name}), then rename it (docker rename ${name} OTHER) or remove it (docker rm ${name}), and run again`
      : `look at who uses it (docker network inspect ${name}); then join it, declared with external: true, or remove it (docker network rm ${name}), and run again`;
  return new ReynsError("NAME_TAKEN", message, { hint });
}

/** Volumes that a plan would mount while a container of another project writes to them. */
export interface SharedVolumes {
  readonly errors: readonly ReynsError[];
  readonly warnings: readonly string[];
}

/**
 * Two databases with the same files destroy them. A volume that is named after the project is meant for it alone; another
 * name may be shared on purpose, and so may what is shared already.
 */
export function findSharedVolumes(
  starting: readonly DescribedStart[],
  project: Project,
  { volumeWriters = [] }: Pick<Observed, "volumeWriters">,
): SharedVolumes {
  const byVolume = Map.groupBy(volumeWriters, ({ volume }) => volume);
  const found = [...byVolume].flatMap(([volume, writers]) => {
    const users = starting.filter(({ step: { spec } }) =>
      spec.mounts.some(
        ({ type, source, readOnly, declared }) =>
          type === "volume" && source === volume && !readOnly && !declared?.external,
      ),
    );
    const user = users.find((start) => !writesAlready(start, volume)) ?? users[0];
    if (!user) return [];
    const isOwnName = toValidName(volume).startsWith(`${project.name}-`);
    const isError = isOwnName && !writesAlready(user, volume);
    return { isError, error: sharedVolume(user, { volume, writers, project }) };
  });
  return {
    errors: found.flatMap(({ isError, error }) => (isError ? error : [])),
    warnings: found.flatMap(({ isError, error: { message, hint } }) =>
      isError ? [] : `${message}: ${hint}`,
    ),
  };
}

function writesAlready({ placed: { existing } }: DescribedStart, name: string): boolean {
  const { mounts = [] } = existing && isRunning(existing) ? existing : {};
  return mounts.some(({ volume, readOnly }) => volume === name && !readOnly);
}

/** Volumes whose names do not change with the project's. */
export function fixedVolumes({ name: project, conf }: Project): string[] {
  return Object.entries(conf.volumes ?? {}).flatMap(([key, { name, external }]) => {
    if (external || name === undefined) return [];
    const isOwn = conf.isCompose && toValidName(name) === toValidName(`${project}_${key}`);
    return isOwn ? [] : name;
  });
}

function sharedVolume(
  { step, placed }: DescribedStart,
  {
    volume,
    writers,
    project,
  }: { volume: string; writers: readonly VolumeWriter[]; project: Project },
): ReynsError {
  const who = writers.map(({ containerName, project: name, folder: place }) => {
    const where = place === project.folder ? "this folder" : place;
    return `the container ${containerName} of the project ${name} in ${where}`;
  });
  const message = `${step.host}: the volume ${volume} is in use: ${summarizeList(who, 2)} ${who.length === 1 ? "writes" : "write"} to it`;
  const own =
    project.conf.isCompose && !fixedVolumes(project).includes(volume)
      ? "give this folder a project of its own (name: in the Compose file, or -p NAME)"
      : "give the volume another name here";
  const hint = `stop it there; for data of its own, ${own}; to share the volume on purpose, declare it with external: true`;
  return new ReynsError("VOLUME_IN_USE", message, {
    hint,
    at: inside(placed.selected.definition.at, "volumes"),
  });
}

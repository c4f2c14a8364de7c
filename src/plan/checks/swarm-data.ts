import type { ReynsError } from "../../errors.ts";
import type { Project } from "../../model/project.ts";
import type { StartInstance, Step } from "../../model/steps.ts";
import { swarmFileMistake, swarmFileError } from "../../model/swarm-files.ts";
import { taskVolumeErrors } from "../../model/task-volumes.ts";
import { swarmPlace } from "./swarm-members.ts";

/** The images of services that are here already, and stay as they are. */
export function settledImages(
  starts: readonly StartInstance[],
  steps: readonly Step[],
): ReadonlySet<string> {
  const renewed = new Set(
    steps.flatMap((step) =>
      step.kind === "build-image" || step.kind === "pull-image" ? step.image : [],
    ),
  );
  const images = starts.map(({ spec }) => spec.image);
  return new Set(images.filter((image) => !renewed.has(image)));
}

/** @param volumes image -> the paths that it declares as VOLUME, as far as they are known */
export function imageVolumeErrors(
  starts: readonly StartInstance[],
  project: Pick<Project, "conf">,
  volumes: ReadonlyMap<string, readonly string[]>,
): ReynsError[] {
  return starts.flatMap((step) =>
    taskVolumeErrors(step, volumes.get(step.spec.image) ?? [], swarmPlace(step.host, project)),
  );
}

/** What Swarm takes no file of, once the values of variables and secrets are known. */
export function secretSizeErrors(
  starts: readonly StartInstance[],
  project: Pick<Project, "conf">,
): ReynsError[] {
  return starts.flatMap(({ host, spec: { secrets, copiedFiles = [] } }) => {
    const at = swarmPlace(host, project);
    const files = copiedFiles.flatMap(({ secret, content }) => {
      if (secret === undefined) return [];
      const mistake = swarmFileMistake(Buffer.byteLength(content, "base64"));
      return mistake ? swarmFileError(`${host}: the secret ${secret}`, mistake, at) : [];
    });
    // The script that exports all of them is a file, too.
    const lines = Object.entries(secrets).map(([name, value]) => `export ${name}='${value}'\n`);
    const size = Buffer.byteLength(lines.join(""));
    const mistake = size === 0 ? undefined : swarmFileMistake(size);
    const names = Object.keys(secrets).join(", ");
    return mistake
      ? [...files, swarmFileError(`${host}: its secret variables (${names})`, mistake, at)]
      : files;
  });
}

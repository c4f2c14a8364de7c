import { posix } from "node:path";
import { inside, ReynsError } from "../../errors.ts";
import { isWithinFolder, secretsFolder, type ContainerFile } from "../../model/container-files.ts";
import { labels } from "../../model/labels.ts";
import type { ContainerSpec } from "../../model/container-spec.ts";
import type { DescribedStart } from "../describe/described-start.ts";

interface FileMistake {
  readonly reason: string;
  readonly hint: string;
}

/** Files and secrets that could not be copied to where they should be, or would not be seen there. */
export function fileTargetErrors(starting: readonly DescribedStart[]): ReynsError[] {
  return starting.flatMap(({ placed, step: { host, spec } }) =>
    (spec.copiedFiles ?? []).flatMap((file) => {
      const mistake = mistakeOf(file, spec);
      if (!mistake) return [];
      const { path, secret } = file;
      const what = secret === undefined ? `the file ${path}` : `the secret ${secret}`;
      const option = secret === undefined ? ["files", path] : ["secrets", secret];
      const at = inside(placed.selected.definition.at, ...option);
      const message = `${host}: ${what} ${mistake.reason}`;
      return new ReynsError("INVALID_PROJECT", message, { hint: mistake.hint, at });
    }),
  );
}

function mistakeOf(file: ContainerFile, spec: ContainerSpec): FileMistake | undefined {
  return (
    sharedPath(file, spec) ??
    (file.secret === undefined ? unreachablePath(file.path, spec) : exposedSecret(file.path, spec))
  );
}

/** Of two at one path, the later one would replace the other. */
function sharedPath(
  { path, secret }: ContainerFile,
  { copiedFiles = [], labels: own }: ContainerSpec,
): FileMistake | undefined {
  const first = copiedFiles.find((other) => other.path === path);
  if (first?.secret !== secret)
    return { reason: `has the path of another one, ${path}`, hint: "choose another path" };
  const variable = posix.relative(secretsFolder, path);
  if (!own[labels.secrets]?.split(",").includes(variable)) return undefined;
  return {
    reason: `has the path of the secret variable ${variable}`,
    hint: `leave one of them out: a secret of env is in ${path}, too`,
  };
}

/** The folder of a secret is a volume that goes with the container. */
function exposedSecret(path: string, { mounts, runtime }: ContainerSpec): FileMistake | undefined {
  const folder = posix.dirname(path);
  if (folder === "/")
    return { reason: "is in /, which cannot be a volume", hint: "choose a path in a folder" };
  const targets = [...mounts.map(({ target }) => target), ...Object.keys(runtime.tmpfs ?? {})];
  const taken = targets.find((target) => [folder, path].includes(target.replace(/(.)\/$/, "$1")));
  if (taken === undefined) return undefined;
  return {
    reason: `is in ${taken}, where something else is mounted`,
    hint: "choose another path, or leave out that mount",
  };
}

function unreachablePath(
  path: string,
  { mounts, runtime }: ContainerSpec,
): FileMistake | undefined {
  const memory = Object.keys(runtime.tmpfs ?? {}).map((target) => ({
    type: "tmpfs" as const,
    target,
    readOnly: false,
  }));
  const [mount] = [...mounts, ...memory]
    .filter(({ target }) => isWithinFolder(path, target))
    .toSorted((a, b) => b.target.length - a.target.length);
  if (mount?.type === "tmpfs")
    return {
      reason: `is in ${mount.target}, which is in memory and empty at each start`,
      hint: "choose another path, or leave out that tmpfs",
    };
  if (mount?.type === "bind")
    return {
      reason: `is in ${mount.target}, which is mounted from the host`,
      hint: "choose another path, or put the file into that folder of the host",
    };
  if (mount?.readOnly)
    return { reason: `is in ${mount.target}, a read-only volume`, hint: "choose another path" };
  if (mount || !runtime.readOnly || posix.dirname(path) !== "/") return undefined;
  return {
    reason: "is in /, which is read-only here",
    hint: "put it into a folder: with readOnly, that folder is a volume of the container's own",
  };
}

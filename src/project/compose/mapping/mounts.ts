import { ReynsError } from "../../../errors.ts";
import { withoutUndefined } from "../../../lib/without-undefined.ts";
import type { BindMount, MountInput } from "../../../api/mount-options.ts";
import type { ComposeMount } from "../compose-file.ts";
import type { ComposeProject } from "../compose-project.ts";
import { refuse, type MappedEntry, type ServiceContext } from "./context.ts";
import { sizeText } from "./values.ts";

/** A mount in the short form where that says all of it; none where it is left out. */
export function mapMount(
  mount: ComposeMount,
  index: number,
  context: ServiceContext,
): readonly MappedEntry<MountInput>[] {
  const path = ["volumes", index];
  if (!mount.target.startsWith("/")) return [];
  switch (mount.type) {
    case "bind":
      return [{ path, value: bindMount(mount, path, context) }];
    case "volume":
      return [{ path, value: volumeMount(mount, path, context) }];
    case "tmpfs":
      return [{ path, value: tmpfsMount(mount) }];
    default:
      refuse(context, path, "mount a folder, a volume or tmpfs", `volumes.${mount.type}`);
      return [];
  }
}

type Path = readonly (string | number)[];

function bindMount(mount: ComposeMount, path: Path, context: ServiceContext): MountInput {
  const { target, read_only: readOnly, bind = {} } = mount;
  const { propagation, selinux, recursive, create_host_path: createHostPath } = bind;
  if (/^[a-z]:[\\/]/i.test(mount.source ?? ""))
    refuse(context, path, "write a path of Linux", "volumes");
  const source = context.pathOf(mount.source ?? "");
  return {
    type: "bind",
    source,
    target,
    ...(readOnly === true ? { readOnly } : {}),
    bind: withoutUndefined<NonNullable<BindMount["bind"]>>({
      propagation: propagation as NonNullable<BindMount["bind"]>["propagation"],
      selinux: selinux as "z" | "Z" | undefined,
      createHostPath: createHostPath ?? false,
      recursive: recursive as NonNullable<BindMount["bind"]>["recursive"],
    }),
  };
}

function volumeMount(mount: ComposeMount, path: Path, context: ServiceContext): MountInput {
  const { source, target, read_only: readOnly, volume = {} } = mount;
  if (volume.labels)
    refuse(context, [...path, "volume", "labels"], "label the volume in volumes: of the file");
  const options = withoutUndefined<{ nocopy?: boolean; subpath?: string }>({
    nocopy: volume.nocopy === true ? true : undefined,
    subpath: volume.subpath,
  });
  const isShort = Object.keys(options).length === 0;
  if (isShort && source !== undefined)
    return `${source}:${target}${readOnly === true ? ":ro" : ""}`;
  if (isShort && readOnly !== true) return target;
  return {
    type: "volume",
    ...(source === undefined ? {} : { source }),
    target,
    ...(readOnly === true ? { readOnly } : {}),
    ...(Object.keys(options).length === 0 ? {} : { volume: options }),
  };
}

function tmpfsMount({ target, read_only: readOnly, tmpfs = {} }: ComposeMount): MountInput {
  const { size, mode } = tmpfs;
  const options = withoutUndefined<{ size?: string; mode?: number }>({
    size: size === undefined ? undefined : sizeText(size),
    mode,
  });
  return {
    type: "tmpfs",
    target,
    ...(readOnly === true ? { readOnly } : {}),
    ...(Object.keys(options).length === 0 ? {} : { tmpfs: options }),
  };
}

/** Paths in the container that are none, in the words of the form that is written: only the Engine would refuse them. */
export function targetErrors(project: ComposeProject): ReynsError[] {
  return Object.entries(project.file.services).flatMap(([name, { volumes = [] }]) =>
    volumes.flatMap((mount, index) =>
      mount.target.startsWith("/")
        ? []
        : targetError(project, ["services", name, "volumes", index], mount),
    ),
  );
}

function targetError(
  project: ComposeProject,
  path: Path,
  { target, source }: Pick<ComposeMount, "target" | "source">,
): ReynsError {
  const place = [...path, "target"];
  const at = project.placeOfValue(place);
  // What a variable gives may be a secret.
  const isWritten = project.sourceOf(place) === undefined;
  const isShort = project.placeOf(place) === project.placeOf(path);
  if (isShort && source === undefined) {
    const hint = /^\p{L}:/u.test(target)
      ? "a single letter before a colon is read as a Windows drive: give the volume a longer name"
      : `write where to mount it: "${isWritten ? target : "SOURCE"}:/PATH"`;
    const message = `${path.join(".")}: a path in the container is missing`;
    return new ReynsError("INVALID_PROJECT", message, { hint, at });
  }
  const field = isShort ? `${path.join(".")}: the path in the container` : place.join(".");
  const shown = isWritten ? `"${target}"` : "the value that its variable gives it";
  return new ReynsError("INVALID_PROJECT", `${field} has to be absolute, not ${shown}`, {
    hint: "begin it with a slash",
    at,
  });
}

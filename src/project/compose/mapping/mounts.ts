import type { BindMount, MountInput } from "../../../api/mount-options.ts";
import type { ComposeMount } from "../compose-file.ts";
import { refuse, type ServiceContext } from "./context.ts";
import { definedOnly, sizeText } from "./values.ts";

/** A mount in the short form where that says all of it. */
export function mapMount(
  mount: ComposeMount,
  index: number,
  context: ServiceContext,
): readonly MountInput[] {
  const path = ["volumes", index];
  switch (mount.type) {
    case "bind":
      return [bindMount(mount, path, context)];
    case "volume":
      return [volumeMount(mount, path, context)];
    case "tmpfs":
      return [tmpfsMount(mount)];
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
    bind: definedOnly<NonNullable<BindMount["bind"]>>({
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
  const options = definedOnly<{ nocopy?: boolean; subpath?: string }>({
    nocopy: volume.nocopy === true ? true : undefined,
    subpath: volume.subpath,
  });
  // A wrong target is reported at its own place in the long form.
  const isShort = Object.keys(options).length === 0 && target.startsWith("/");
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
  const options = definedOnly<{ size?: string; mode?: number }>({
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

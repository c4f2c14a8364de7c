import { join, resolve, sep } from "node:path";
import type { Mount } from "../../model/container-spec.ts";
import type { Project } from "../../model/project.ts";
import {
  containerNameOf,
  imageVolumeNameOf,
  keysFolder,
  mainDataFolder,
  volumeNameOf,
} from "../../model/resource-names.ts";
import { volumeParts, type ParsedVolume } from "../../model/volume-syntax.ts";
import type { SelectedInstance } from "../select/selection.ts";

/** Folders that can be kept, and the property that says so. */
export const keptFolders = [
  { property: "persistentData", name: "data", path: "/data" },
  { property: "persistentOpt", name: "opt", path: "/opt" },
  { property: "persistentLog", name: "log", path: "/var/log" },
  { property: "persistentHome", name: "home", path: "/home" },
] as const;

/** Those of the project's keys that an instance gets: not what certifies host keys. */
export function keysMounts(project: Pick<Project, "folder">): Mount[] {
  const folder = keysFolder(project);
  return ["id_ed25519", "id_ed25519.pub", "known_hosts", "tsig.key"].map((name) => ({
    type: "bind",
    source: join(folder, name),
    target: `/etc/reyns/keys/${name}`,
    readOnly: true,
  }));
}

/**
 * What an instance keeps beyond its container: in folders below the project's data folder, or in volumes of the
 * Engine, which fills an empty one with what the image has.
 */
export function persistentMounts(
  project: Project,
  { host, properties }: SelectedInstance,
): Mount[] {
  const kept = keptFolders.filter(({ property }) => properties[property]);
  const { safePersistency } = properties;
  return kept.map(({ name, path }) => ({
    type: safePersistency ? "volume" : "bind",
    source: safePersistency
      ? volumeNameOf(project, `${host}-${name}`)
      : join(project.dataFolder, host, name),
    target: path,
    readOnly: false,
  }));
}

/** Those of them on the host, which get what the image has when the host has nothing yet. */
export function persistentFolders(
  project: Project,
  selected: SelectedInstance,
): { hostPath: string; path: string }[] {
  const mounts = persistentMounts(project, selected).filter(({ type }) => type === "bind");
  return mounts.map(({ source, target }) => ({ hostPath: source, path: target }));
}

/** `/shared`: one folder on the host, the same for all instances. */
export function sharedMounts(project: Project, { properties }: SelectedInstance): Mount[] {
  if (!properties.persistentShared) return [];
  const source = join(project.dataFolder, "shared");
  return [{ type: "bind", source, target: "/shared", readOnly: false }];
}

function isTemporary(source: string): boolean {
  return /^\$TEMP_VOLUME\/?$/.test(source);
}

/** The volume that `$TEMP_VOLUME` means: empty at each run, and gone with the instance. */
export function temporaryVolumeOf(
  project: Project,
  { host, definition }: SelectedInstance,
): string | undefined {
  const selected = definition.volumes.some((volume) =>
    isTemporary(volumeParts(volume)?.source ?? ""),
  );
  return selected ? volumeNameOf(project, `${host}-tmp`) : undefined;
}

/** A source with a slash is a folder or file, relative to the project's folder; any other a named volume. */
export function volumeMount(volume: string | ParsedVolume, project: Project, host: string): Mount {
  const parsed = volumeParts(volume);
  // Reading the project has reported it.
  if (!parsed) return { type: "volume", source: "", target: "", readOnly: false };
  const { type, source, owner = host, ...rest } = parsed;
  if (type === "tmpfs") return { type, source: "", ...rest };
  if (type === "volume") return { type, ...volumeSource(parsed, project, owner), ...rest };
  const path = source.replaceAll("$PROJECT_DIR", () => project.folder);
  return { type, source: ownPath(resolve(project.folder, path), project), ...rest };
}

/** A copy has what lies in the data folder for itself, and everything else in the project's folder as the project has it. */
function ownPath(path: string, project: Project): string {
  const main = mainDataFolder(project);
  return path === main || path.startsWith(main + sep)
    ? join(project.dataFolder, path.slice(main.length))
    : path;
}

/** An unnamed volume is kept like one that the image declares at that path. */
function volumeSource(
  { source, target }: ParsedVolume,
  project: Project,
  host: string,
): Pick<Mount, "source" | "declared"> {
  if (source === "") return { source: imageVolumeNameOf(containerNameOf(project, host), target) };
  if (isTemporary(source)) return { source: volumeNameOf(project, `${host}-tmp`) };
  const declared = project.conf.volumes?.[source];
  if (!declared) return { source: volumeNameOf(project, source) };
  const own = declared.external ? source : volumeNameOf(project, source);
  return { source: declared.name ?? own, declared };
}

/**
 * Paths at which a folder is made when nothing is there: those of the project itself. A missing one elsewhere is a
 * mistake.
 */
export function ownFolders(project: Project, mounts: readonly Mount[]): string[] {
  const own = [project.folder, project.dataFolder];
  return mounts
    .filter(
      ({ type, readOnly, createHostPath }) => type === "bind" && (createHostPath ?? !readOnly),
    )
    .map(({ source }) => source)
    .filter((source) => own.some((folder) => source.startsWith(folder + sep)));
}

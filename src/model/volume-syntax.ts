/** How a mount differs from a plain writable one, in Docker's words. */
export interface MountOptions {
  readonly readOnly: boolean;
  /** Relabels the files for SELinux: `z` for several containers, `Z` for this one alone. */
  readonly selinux?: "z" | "Z";
  /** How mounts below a folder of the host spread. */
  readonly propagation?: Propagation;
  /** What becomes of mounts below a folder of the host; undefined: they are there, writable unless the Engine is newer. */
  readonly recursive?: "disabled" | "writable" | "readonly";
  /** An empty volume does not get what the image has at that path. */
  readonly noCopy?: true;
  /** The folder in a volume to mount. */
  readonly subpath?: string;
  /** Whether the Engine makes a missing folder of the host; undefined: below the project's own ones alone. */
  readonly createHostPath?: boolean;
  /** Of a folder in memory: bytes. */
  readonly size?: number;
  /** Of a folder in memory: its permissions. */
  readonly mode?: number;
}

export const propagations = [
  "private",
  "rprivate",
  "shared",
  "rshared",
  "slave",
  "rslave",
] as const;
export type Propagation = (typeof propagations)[number];

/** Options for Docker Desktop's file sharing; without an effect since its version 4.6. */
const ignored = ["cached", "delegated", "consistent"];

/** `SOURCE:TARGET[:OPTIONS]`; the source of a folder contains a `/`, any other is the name of a volume. */
export interface ParsedVolume extends MountOptions {
  /** Empty for an unnamed volume, and for a folder in memory. */
  readonly source: string;
  readonly target: string;
  readonly type: MountType;
  /** The host name of the instance whose unnamed volume it is; undefined: of the one that has it. */
  readonly owner?: string;
}

export type MountType = "bind" | "volume" | "tmpfs";

/** Another instance whose volumes an instance has. */
export interface VolumesFrom {
  readonly target: { readonly service: string; readonly instance: string | null };
  readonly readOnly: boolean;
  /** The host name of the instance that it is. */
  readonly host?: string;
}

const form =
  /^(?<source>\$TEMP_VOLUME\/?|(?:\$PROJECT_DIR|\.|\/|[A-Za-z0-9])[^:$\0]*):(?<target>\/[^:\0]*)(?::(?<options>[A-Za-z,]+))?$/;

export const volumeForm =
  '"SOURCE:/PATH", with options "SOURCE:/PATH:ro"; SOURCE is a folder or file ("./x", "/x", "$PROJECT_DIR/x") or a name; options: ro, rw, z, Z, nocopy for volumes, rshared, rslave… for folders';

/**
 * Parses a mount in Docker's short form.
 *
 * @returns undefined when it is not of that form, or an option is unknown, given twice or for the other kind of mount
 * @see https://docs.docker.com/engine/storage/bind-mounts/#options-for---volume
 * @example
 * parseVolume("./site:/srv:ro,z") // { type: "bind", source: "./site", target: "/srv", readOnly: true, selinux: "z" }
 */
export function parseVolume(text: string): ParsedVolume | undefined {
  const groups = form.exec(text)?.groups;
  if (!groups) return undefined;
  const { source = "", target = "", options } = groups;
  const isTemporary = source.startsWith("$TEMP_VOLUME");
  const type = !isTemporary && /[/]|^[.$]/.test(source) ? "bind" : "volume";
  const parsed = parseOptions(options?.split(",") ?? [], type);
  return parsed && { type, source, target, ...parsed };
}

/** The parts of a mount, which a definition may have in the short form. */
export function volumeParts(volume: string | ParsedVolume): ParsedVolume | undefined {
  return typeof volume === "string" ? parseVolume(volume) : volume;
}

function parseOptions(
  words: readonly string[],
  type: ParsedVolume["type"],
): MountOptions | undefined {
  const take = (accepted: readonly string[]): string[] =>
    words.filter((word) => accepted.includes(word));
  const groups = {
    mode: take(["ro", "rw"]),
    selinux: take(["z", "Z"]),
    propagation: type === "bind" ? take(propagations) : [],
    noCopy: type === "volume" ? take(["nocopy"]) : [],
    ignored: take(ignored),
  };
  const found = Object.values(groups);
  const count = found.reduce((sum, group) => sum + group.length, 0);
  if (count !== words.length || found.some((group) => group.length > 1)) return undefined;
  const selinux = groups.selinux[0] as MountOptions["selinux"];
  const propagation = groups.propagation[0] as Propagation | undefined;
  return {
    readOnly: groups.mode[0] === "ro",
    ...(selinux && { selinux }),
    ...(propagation && { propagation }),
    ...(groups.noCopy.length > 0 && { noCopy: true }),
  };
}

const anyOption = ["ro", "rw", "z", "Z", "nocopy", ...propagations, ...ignored].join("|");
const separator = new RegExp(String.raw`,(?!(?:${anyOption})\s*(?:,|$))`);

/** Splits a comma list of mounts, whose options are separated by commas, too. */
export function splitVolumeList(text: string): string[] {
  return text
    .split(separator)
    .map((volume) => volume.trim())
    .filter(Boolean);
}

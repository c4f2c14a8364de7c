import type { Size } from "./option-values.ts";
import type { ServiceHandle } from "./link.ts";
import type { VolumeHandle } from "./volume.ts";

interface MountTarget {
  /** Absolute path in the container. */
  readonly target: string;
  /** Default: false. */
  readonly readOnly?: boolean;
}

/** A folder or file of the host. */
export interface BindMount extends MountTarget {
  readonly type: "bind";
  /** A path relative to the project's folder; `~` is your home. */
  readonly source: string;
  readonly bind?: {
    /** How mounts below it spread. Default: `"rprivate"`. */
    readonly propagation?: "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave";
    /** True: a missing folder is made. Default: only below the project's folder. */
    readonly createHostPath?: boolean;
    /** Relabels it for SELinux: `z` for several containers, `Z` for this one alone. */
    readonly selinux?: "z" | "Z";
    /**
     * Submounts of the folder: `"disabled"` leaves them out, `"enabled"` includes them; with `readOnly`, `"writable"` or
     * `"readonly"` ones need Docker 25. Default: `"enabled"`.
     */
    readonly recursive?: "enabled" | "disabled" | "writable" | "readonly";
  };
}

/** A volume of the Engine. */
export interface VolumeMount extends MountTarget {
  readonly type: "volume";
  /** Its name, or what `volume()` returned. Default: one without a name, which this instance keeps. */
  readonly source?: string | VolumeHandle;
  readonly volume?: {
    /** True: an empty volume does not get what the image has at that path. Default: false. */
    readonly nocopy?: boolean;
    /** The folder in the volume to mount. Needs Docker 26. */
    readonly subpath?: string;
  };
}

/** A folder in memory. */
export interface TmpfsMount extends MountTarget {
  readonly type: "tmpfs";
  readonly tmpfs?: {
    /** Default: half of the host's memory. */
    readonly size?: Size;
    /** Its permissions, such as `0o1777`. */
    readonly mode?: number;
  };
}

/**
 * A mount: Docker's `"SOURCE:PATH[:OPTIONS]"`, a path alone for a volume without a name, or its parts.
 *
 * @see https://docs.docker.com/reference/compose-file/services/#volumes
 */
export type MountInput = string | BindMount | VolumeMount | TmpfsMount;

/** Another instance whose volumes an instance has: its handle or `"SERVICE[:ro]"`, or that with `readOnly`. */
export type VolumesFromInput =
  | string
  | ServiceHandle
  | { readonly from: string | ServiceHandle; readonly readOnly?: boolean };

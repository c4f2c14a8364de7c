import { isRecord } from "../lib/is-record.ts";

/** Options of `volume()`. */
export interface VolumeOptions {
  /** True: it is there already and not the project's; Reyns neither creates nor removes it. Default: false. */
  readonly external?: boolean;
  /** Its name on the Engine. Default: one of the project's own; for an external one, the name in the definition. */
  readonly name?: string;
  /** Default: `"local"`. */
  readonly driver?: string;
  /**
   * Options of the driver.
   *
   * @example
   * driverOpts: { type: "nfs", o: "addr=10.0.0.9,rw", device: ":/exports/data" }
   */
  readonly driverOpts?: Readonly<Record<string, string | number>>;
  /** Labels of the volume. */
  readonly labels?: Readonly<Record<string, string | number | boolean>>;
}

/** Points to a volume that `volume()` declares. */
export interface VolumeHandle {
  readonly volume: string;
}

export function isVolumeHandle(given: unknown): given is VolumeHandle {
  return isRecord(given) && typeof given["volume"] === "string" && Object.keys(given).length === 1;
}

/** A volume of the project on the Engine. */
export interface ObservedVolume {
  /** On the Engine: `shop-4f2c91-data`. */
  readonly name: string;
  /** As the definition calls it, or after the instance that it belongs to: `data`, `db-one-data`. */
  readonly shortName: string;
  /** The machine that has it; undefined where there is only one. */
  readonly node?: string;
  /** Bytes, where they were asked for. */
  readonly size?: number | undefined;
  /** Containers that have it mounted, stopped ones too, whoever's they are. */
  readonly users: readonly VolumeUser[];
  /** Time in ISO 8601; undefined where the Engine does not tell. */
  readonly createdAt: string | undefined;
}

export interface VolumeUser {
  /** The container's id. */
  readonly id: string;
  /** Host name of an instance of the project; otherwise the container's name. */
  readonly name: string;
}

/** A running container of another project that writes to a volume which this one declares by name. */
export interface VolumeWriter {
  /** Name on the Engine. */
  readonly volume: string;
  readonly containerName: string;
  /** Name and folder of its project. */
  readonly project: string;
  readonly folder: string;
}

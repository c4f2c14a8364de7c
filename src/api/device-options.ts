import type { Size } from "./option-values.ts";

/**
 * A request for GPUs, or for other devices that a driver chooses.
 *
 * @see https://docs.docker.com/reference/compose-file/services/#gpus
 */
export interface GpuOptions {
  /** Default: chosen by the capabilities. */
  readonly driver?: string;
  /** How many. Default: all, unless `deviceIds` is set. */
  readonly count?: number | "all";
  /** Which ones, by number or UUID; not together with `count`. */
  readonly deviceIds?: readonly string[];
  /** What they must be able to do. Default: `["gpu"]`. */
  readonly capabilities?: readonly string[];
  /** Options of the driver. */
  readonly options?: Readonly<Record<string, string | number>>;
}

/** The limit of one block device: its path, and bytes or operations per second. */
export interface DeviceRateOptions<Rate> {
  /** Such as `"/dev/sda"`. */
  readonly path: string;
  readonly rate: Rate;
}

/**
 * Limits of block devices.
 *
 * @see https://docs.docker.com/reference/compose-file/services/#blkio_config
 */
export interface BlkioOptions {
  /** Its share among all containers, 10 to 1000. Default: 500. */
  readonly weight?: number;
  /** The same for single devices. */
  readonly weightDevice?: readonly { readonly path: string; readonly weight: number }[];
  /** Bytes read per second. */
  readonly deviceReadBps?: readonly DeviceRateOptions<Size>[];
  /** Read operations per second. */
  readonly deviceReadIops?: readonly DeviceRateOptions<number>[];
  /** Bytes written per second. */
  readonly deviceWriteBps?: readonly DeviceRateOptions<Size>[];
  /** Write operations per second. */
  readonly deviceWriteIops?: readonly DeviceRateOptions<number>[];
}

import { withoutUndefined } from "../../../lib/without-undefined.ts";
import type { BlkioOptions, GpuOptions } from "../../../api/device-options.ts";
import { isRecord } from "../../../lib/is-record.ts";
import type { ComposeDeploy, ComposeDeviceRequest } from "../compose-deploy.ts";
import { refuse, toList, type MappedOptions, type ServiceContext } from "./context.ts";
import { sizeText } from "./values.ts";

/** Limits, GPUs and the restart policy; the rest is read by Swarm alone. */
export function mapDeploy(deploy: ComposeDeploy, context: ServiceContext): MappedOptions {
  const { limits = {}, reservations = {} } = deploy.resources;
  if (reservations.generic_resources)
    refuse(context, ["deploy", "resources", "reservations", "generic_resources"]);
  const { devices } = reservations;
  return withoutUndefined<MappedOptions>({
    cpus: limits.cpus,
    memLimit: limits.memory === undefined ? undefined : sizeText(limits.memory),
    pidsLimit: limits.pids,
    memReservation: reservations.memory === undefined ? undefined : sizeText(reservations.memory),
    gpus: devices && mapGpus(devices, ["deploy", "resources", "reservations", "devices"], context),
    restart: context.service.restart === undefined ? restartOf(deploy) : undefined,
  });
}

/** Only Swarm reads delay and window: here as in Compose, the Engine chooses the pauses itself. */
function restartOf({ restart_policy: policy }: ComposeDeploy): MappedOptions["restart"] {
  if (!policy) return undefined;
  const { condition = "any", max_attempts: attempts } = policy;
  if (condition === "none") return "no";
  if (condition !== "on-failure") return "always";
  return attempts === undefined ? "on-failure" : `on-failure:${attempts}`;
}

/** GPUs and other devices that a driver chooses. */
export function mapGpus(
  requests: readonly ComposeDeviceRequest[],
  path: readonly string[],
  context: ServiceContext,
): GpuOptions[] {
  const mapped = requests.map((request, index) => {
    const place = [...path, index];
    const { count, driver, capabilities, options, device_ids: deviceIds } = request;
    if (count !== undefined && deviceIds) refuse(context, place, "give either count or device_ids");
    const isGpu = capabilities === undefined || capabilities.join(",") === "gpu";
    const value = withoutUndefined<GpuOptions>({
      driver,
      count: count === -1 ? "all" : count,
      deviceIds,
      capabilities: isGpu ? undefined : capabilities,
      options,
    });
    return { path: place, value };
  });
  return toList("gpus", mapped, context);
}

const rateFields = {
  device_read_bps: "deviceReadBps",
  device_read_iops: "deviceReadIops",
  device_write_bps: "deviceWriteBps",
  device_write_iops: "deviceWriteIops",
} as const;

/** Limits of block devices; `docker compose config` prints the names of Go's fields in them. */
export function mapBlkio(config: Readonly<Record<string, unknown>>): MappedOptions {
  const rates = Object.entries(rateFields).map(([key, name]) => [
    name,
    itemsOf(config[key])?.map(({ path, value }) => ({ path, rate: value })),
  ]);
  return {
    blkioConfig: withoutUndefined<BlkioOptions>({
      weight: config["weight"] === undefined ? undefined : Number(config["weight"]),
      weightDevice: itemsOf(config["weight_device"])?.map(({ path, value }) => ({
        path,
        weight: value,
      })),
      ...(Object.fromEntries(rates) as Partial<BlkioOptions>),
    }),
  };
}

/** A path and a number in each item. */
function itemsOf(list: unknown): { readonly path: string; readonly value: number }[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  return list.filter(isRecord).map((item) => {
    const values = Object.entries(item);
    const path = values.find(([key]) => key.toLowerCase() === "path")?.[1];
    const value = values.find(([key]) => key.toLowerCase() !== "path")?.[1];
    return { path: String(path), value: Number(value) };
  });
}

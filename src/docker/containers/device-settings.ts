import type Docker from "dockerode";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import type { BlockIoLimits, DeviceRate, DeviceRequest } from "../../model/container-spec.ts";

/** `HOST[:CONTAINER[:PERMISSIONS]]` */
export function deviceMapping(device: string): Docker.DeviceMapping {
  const [host = "", container = host, permissions = "rwm"] = device.split(":");
  return { PathOnHost: host, PathInContainer: container, CgroupPermissions: permissions };
}

export function deviceRequest(request: DeviceRequest): Docker.DeviceRequest {
  const { driver = "", count = 0, deviceIds = [], capabilities, options = {} } = request;
  return {
    Driver: driver,
    Count: count,
    DeviceIDs: [...deviceIds],
    Capabilities: [[...capabilities]],
    Options: { ...options },
  };
}

/** A device request of an existing container, in the words of the definition. */
export function readDeviceRequest(request: Docker.DeviceRequest): DeviceRequest {
  const { Driver, Count, DeviceIDs, Capabilities, Options } = request;
  return {
    ...(Driver ? { driver: Driver } : {}),
    ...(Count ? { count: Count } : {}),
    ...(DeviceIDs?.length ? { deviceIds: DeviceIDs } : {}),
    capabilities: (Capabilities ?? []).flat(),
    ...(Object.keys(Options ?? {}).length > 0 ? { options: Options } : {}),
  };
}

/** The limits as parts of HostConfig. */
export function blockIoSettings(limits: BlockIoLimits): Docker.HostConfig {
  const { weight, weightDevice, deviceReadBps, deviceReadIops, deviceWriteBps, deviceWriteIops } =
    limits;
  return withoutUndefined({
    BlkioWeight: weight,
    BlkioWeightDevice: weightDevice?.map(({ path, weight: Weight }) => ({ Path: path, Weight })),
    BlkioDeviceReadBps: rates(deviceReadBps),
    BlkioDeviceReadIOps: rates(deviceReadIops),
    BlkioDeviceWriteBps: rates(deviceWriteBps),
    BlkioDeviceWriteIOps: rates(deviceWriteIops),
  });
}

function rates(given: readonly DeviceRate[] | undefined) {
  return given?.map(({ path, rate }) => ({ Path: path, Rate: rate }));
}

/** The limits of an existing container; undefined without any. */
export function readBlockIo(config: Docker.HostConfig): BlockIoLimits | undefined {
  const limits = {
    weight: config.BlkioWeight || undefined,
    weightDevice: list(config.BlkioWeightDevice as unknown)?.map(({ Path, Weight }) => ({
      path: String(Path),
      weight: Number(Weight),
    })),
    deviceReadBps: readRates(config.BlkioDeviceReadBps),
    deviceReadIops: readRates(config.BlkioDeviceReadIOps),
    deviceWriteBps: readRates(config.BlkioDeviceWriteBps),
    deviceWriteIops: readRates(config.BlkioDeviceWriteIOps),
  };
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

function readRates(given: unknown): DeviceRate[] | undefined {
  return list(given)?.map(({ Path, Rate }) => ({ path: String(Path), rate: Number(Rate) }));
}

function list(given: unknown): readonly Readonly<Record<string, unknown>>[] | undefined {
  return Array.isArray(given) && given.length > 0 ? given : undefined;
}

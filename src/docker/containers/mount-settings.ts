import type Docker from "dockerode";
import type { Mount } from "../../model/container-spec.ts";

/** The mounts of a container as parts of HostConfig. */
export function mountSettings(
  mounts: readonly Mount[],
  labels: Readonly<Record<string, string>>,
): Docker.HostConfig {
  const binds = mounts.filter(needsOlderForm).map(bindText);
  return {
    Mounts: mounts
      .filter((mount) => !needsOlderForm(mount))
      .map((mount) => mountRequest(mount, labels)),
    ...(binds.length > 0 ? { Binds: binds } : {}),
  };
}

/**
 * The API's mounts know nothing of SELinux and make no folders, its older form does. Only binds: the Engine labels the
 * volumes that it creates.
 */
function needsOlderForm({ type, selinux, createHostPath, recursive }: Mount): boolean {
  const isNewer = recursive !== undefined;
  return type === "bind" && !isNewer && (selinux !== undefined || createHostPath === true);
}

function bindText({ source, target, readOnly, selinux, propagation }: Mount): string {
  const options = [readOnly ? "ro" : undefined, selinux, propagation].filter(Boolean);
  return [source, target, ...(options.length > 0 ? [options.join(",")] : [])].join(":");
}

function mountRequest(
  mount: Mount,
  labels: Readonly<Record<string, string>>,
): Docker.MountSettings {
  const { type, source, target, readOnly, size, mode } = mount;
  const settings = { Type: type, Source: source, Target: target, ReadOnly: readOnly };
  if (type === "volume") return { ...settings, VolumeOptions: volumeOptions(mount, labels) };
  if (type === "bind") return { ...settings, ...bindOptions(mount) };
  const options = { ...(size && { SizeBytes: size }), ...(mode !== undefined && { Mode: mode }) };
  return { ...settings, TmpfsOptions: options as Required<Docker.MountSettings>["TmpfsOptions"] };
}

function bindOptions({ propagation, recursive }: Mount): Pick<Docker.MountSettings, "BindOptions"> {
  if (!propagation && !recursive) return {};
  const options = {
    ...(propagation ? { Propagation: propagation } : {}),
    ...(recursive ? { [recursiveOptions[recursive]]: true } : {}),
  };
  return { BindOptions: options as Required<Docker.MountSettings>["BindOptions"] };
}

const recursiveOptions = {
  disabled: "NonRecursive",
  writable: "ReadOnlyNonRecursive",
  readonly: "ReadOnlyForceRecursive",
} as const;

/** A volume that the Engine creates for a mount gets the labels of the project. */
function volumeOptions(
  { noCopy, subpath, declared }: Mount,
  labels: Readonly<Record<string, string>>,
): Required<Docker.MountSettings>["VolumeOptions"] {
  const owner = Object.entries(labels).filter(([name]) => /\.(project|folder)$/.test(name));
  const driver = { Name: declared?.driver ?? "local", Options: { ...declared?.driverOpts } };
  return {
    NoCopy: noCopy ?? false,
    Labels: { ...declared?.labels, ...Object.fromEntries(owner) },
    ...(subpath === undefined ? {} : { Subpath: subpath }),
    // A volume that is there may have any driver.
    ...(declared?.external ? {} : { DriverConfig: driver }),
  } as Required<Docker.MountSettings>["VolumeOptions"];
}

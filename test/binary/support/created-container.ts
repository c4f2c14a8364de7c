// A container that a program has asked an Engine to create, in a form in which two programs can be compared.
import type { FakeContainer, JsonObject } from "./fake-answers.ts";

export function labelsIn(request: JsonObject): Readonly<Record<string, string>> {
  return (request["Labels"] ?? {}) as Readonly<Record<string, string>>;
}

export function ownLabels(request: JsonObject): Readonly<Record<string, string>> {
  const labels = Object.entries(labelsIn(request));
  return Object.fromEntries(
    labels.filter(([name]) => !/^(?:com\.docker\.compose|io\.reyns)\./.test(name)),
  );
}

interface Mount extends JsonObject {
  readonly Type: string;
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly BindOptions?: JsonObject;
  readonly VolumeOptions?: JsonObject & {
    readonly DriverConfig?: { readonly Name: string; readonly Options?: JsonObject };
  };
}

export function mountsIn({ HostConfig, Volumes }: JsonObject): Mount[] {
  const { Binds, Mounts } = HostConfig as { Binds?: string[] | null; Mounts?: Mount[] | null };
  const anonymous = Object.keys(Volumes ?? {}).map((Target) => ({ Type: "volume", Target }));
  return [...(Binds ?? []).map(mountOfBind), ...(Mounts ?? []), ...anonymous];
}

/** "SOURCE:TARGET:OPTIONS" */
function mountOfBind(bind: string): Mount {
  const [Source = "", Target = "", options = ""] = bind.split(":");
  const given = options.split(",");
  const Propagation = given.find((option) => /^r?(?:private|shared|slave)$/.test(option));
  const isFolder = Source.startsWith("/");
  return {
    Type: isFolder ? "bind" : "volume",
    Source,
    Target,
    ReadOnly: given.includes("ro"),
    ...(isFolder ? { BindOptions: { CreateMountpoint: true, Propagation } } : {}),
    // Only folders are labelled, and only volumes are filled.
    selinux: given.filter((option) => /^z$/i.test(option)),
    ...(isFolder ? {} : { VolumeOptions: { NoCopy: given.includes("nocopy") } }),
  };
}

function describeMount({ Source, Target, VolumeOptions, ...rest }: Mount): unknown {
  const isUnnamed = rest.Type === "volume" && (Source === undefined || Source.includes("."));
  const { DriverConfig: _, Labels: _labels, ...options } = VolumeOptions ?? {};
  return withoutEmpty({
    ...rest,
    Source: isUnnamed ? "(unnamed)" : Source?.replace(/(?<=.)\/$/, ""),
    Target: Target.replace(/(?<=.)\/$/, ""),
    VolumeOptions: options,
  });
}

export function describeContainer(
  { request, joined }: FakeContainer,
  networks: ReadonlyMap<string, string>,
  isBuilt: boolean,
  others: readonly FakeContainer[],
): unknown {
  const { Image, Env, HostConfig, NetworkingConfig, Hostname, Healthcheck, ...rest } = request;
  const host = HostConfig as JsonObject & { readonly NetworkMode?: string };
  const mode = host.NetworkMode ?? "";
  const { EndpointsConfig } = (NetworkingConfig ?? {}) as {
    readonly EndpointsConfig?: Readonly<Record<string, JsonObject>>;
  };
  const foreign = textsIn(host["VolumesFrom"]).flatMap((from) =>
    others.filter(({ id }) => from.startsWith(id)).flatMap((other) => mountsIn(other.request)),
  );
  const endpoints = Object.entries({ ...EndpointsConfig, ...joined });
  return withoutEmpty({
    ...without(rest, ["name", "Volumes", "AttachStdout", "AttachStderr", "MacAddress"]),
    Healthcheck: isOff(Healthcheck) ? { Test: ["NONE"] } : Healthcheck,
    Hostname: /^[a-z0-9-]+-\d+$/.test(String(Hostname)) ? undefined : Hostname,
    Image: isBuilt ? "(built)" : Image,
    Labels: ownLabels(request),
    Env: textsIn(Env).filter(isGiven).toSorted(),
    HostConfig: {
      ...without(host, ["Binds", "ConsoleSize", "Links", "VolumesFrom"]),
      CapAdd: textsIn(host["CapAdd"]).map(capability).toSorted(),
      CapDrop: textsIn(host["CapDrop"]).map(capability).toSorted(),
      NetworkMode: networks.get(mode) ?? mode.replace(/^(container:).*/, "$1"),
      Mounts: sortedBy([...mountsIn(request), ...foreign].map(describeMount), "Target"),
      ExtraHosts: textsIn(host["ExtraHosts"]).toSorted(),
      Ulimits: sortedBy((host["Ulimits"] ?? []) as object[], "Name"),
      DeviceRequests: ((host["DeviceRequests"] ?? []) as JsonObject[]).map(describeRequest),
    },
    networks: Object.fromEntries(
      endpoints.map(([name, endpoint]) => [networks.get(name) ?? name, describeEndpoint(endpoint)]),
    ),
  });
}

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function textsIn(given: unknown): string[] {
  return Array.isArray(given) ? given.map(String) : [];
}

function sortedBy(items: readonly unknown[], key: string): unknown[] {
  const textOf = (item: unknown): string => String((item as JsonObject)[key]);
  return items.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

/** Compose names the capability "gpu" twice if the file does. */
function describeRequest({ Capabilities = [], ...rest }: JsonObject): JsonObject {
  const groups = (Capabilities ?? []) as readonly (readonly string[])[];
  return { ...rest, Capabilities: groups.map((group) => [...new Set(group)].toSorted()) };
}

function describeEndpoint(endpoint: JsonObject): unknown {
  const aliases = [...new Set(textsIn(endpoint["Aliases"]))].toSorted();
  const kept = without(endpoint, ["IPAddress", "IPv6Gateway", "GlobalIPv6Address", "Links"]);
  return withoutEmpty({ ...kept, Aliases: aliases }) ?? null;
}

function isOff(check: unknown): boolean {
  return (check as { readonly Test?: readonly string[] } | undefined)?.Test?.[0] === "NONE";
}

/** Not one of our own, and not a bare name. */
function isGiven(variable: string): boolean {
  return variable.includes("=") && !/^(?:REYNS_\w+|\w+_SERVICE_IP)=/.test(variable);
}

function capability(name: string): string {
  return name.replace(/^CAP_/, "");
}

/** Without what is the same as nothing. */
export function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmptyParts);
  if (typeof value === "object" && value !== null) return withoutEmptyParts(value);
  return value === "" || value === 0 || value === false || value === null ? undefined : value;
}

function withoutEmptyParts(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
    const kept = key === "MemorySwappiness" ? part : withoutEmpty(part);
    return kept === undefined || kept === null ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : sortedObject(entries);
}

/** Keys in order, so that a record is the same each time. */
export function sortedObject(entries: readonly (readonly [string, unknown])[]): JsonObject {
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

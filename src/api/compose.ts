import { dirname, resolve } from "node:path";
import { inside, ReynsError, ReynsErrors, type Place } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { isRecord } from "../lib/is-record.ts";
import type { VolumeDefinition } from "../model/container-spec.ts";
import type { ServiceHandle } from "./link.ts";
import type { NetworkOptions } from "./network.ts";
import type { Deferrable, ServiceOptions } from "./options.ts";
import { recordNetwork, recordVolume } from "./record-declared.ts";
import { recordInstance } from "./record-instance.ts";
import { addError, isNonEmptyString, noteCaller, type Recorder } from "./recorder.ts";

/** Options that replace those of a Compose file, by the name of their service. */
export type ComposeOverrides = Readonly<Record<string, Deferrable<ServiceOptions>>>;

/** The services of a Compose file, in the terms of this module. */
export interface ComposeServices {
  readonly services: readonly {
    /** Its name here, and in the file. */
    readonly service: string;
    readonly name: string;
    readonly instances: readonly ServiceOptions[];
  }[];
  readonly volumes: Readonly<Record<string, VolumeDefinition>>;
  readonly networks: Readonly<Record<string, NetworkOptions>>;
  /** Absolute paths of the files of its secrets, whatever uses them. */
  readonly secretFiles: readonly string[];
  readonly errors: readonly ReynsError[];
}

/** Reads a Compose file; handed in, as this room does not know how. */
export type ReadComposeServices = (file: string, folder: string) => ComposeServices;

type ComposeHandles = Readonly<Record<string, ServiceHandle>>;

/** Records the services of a Compose file as if each were a call of service(). */
export function recordCompose(
  recorder: Recorder,
  read: ReadComposeServices,
  file: string,
  overrides: ComposeOverrides,
): ComposeHandles {
  const at = noteCaller(recorder);
  const found = readServices(recorder, read, file, at);
  if (!found) return anyHandle;
  const { services, volumes, networks, secretFiles, errors } = found;
  recorder.errors.push(...errors);
  recorder.secretFiles.push(...secretFiles);
  reportUnknown(recorder, overrides, services, at);
  for (const [name, volume] of Object.entries(volumes)) recordVolume(recorder, name, volume);
  for (const [name, network] of Object.entries(networks)) recordNetwork(recorder, name, network);
  for (const { service, name, instances } of services)
    for (const options of instances)
      recordInstance(recorder, service, override(options, overrides[name]));
  return handlesOf(services, (name) => addError(recorder, ...unknownService(name, services), at));
}

/** A handle for each service. One that is not there is reported, and no further mistake follows from it. */
function handlesOf(
  services: ComposeServices["services"],
  onUnknown: (name: string) => void,
): ComposeHandles {
  const handles = new Map(
    services.map(({ service, name, instances }): [string, ServiceHandle] => {
      const instance = instances.length === 1 ? (instances[0]?.instance ?? null) : null;
      return [name, { service, instance }];
    }),
  );
  return new Proxy(Object.fromEntries(handles), {
    get: (_, name) => {
      const handle = handles.get(String(name));
      if (handle || typeof name === "symbol" || name === "then") return handle;
      onUnknown(name);
      return handles.values().next().value;
    },
  });
}

function readServices(
  recorder: Recorder,
  read: ReadComposeServices,
  file: string,
  at: Place,
): ComposeServices | undefined {
  const usage = 'write compose("./compose.yaml")';
  if (!isNonEmptyString(file)) {
    addError(recorder, "compose() needs the path of a file", usage, inside(at, 0));
    return undefined;
  }
  const folder = dirname(recorder.file);
  try {
    return read(resolve(folder, file), folder);
  } catch (error) {
    if (error instanceof ReynsErrors) recorder.errors.push(...error.errors);
    else if (error instanceof ReynsError) recorder.errors.push(error);
    else throw error;
    return undefined;
  }
}

/** Where the file cannot be read, nobody knows which services there are: no more mistakes follow from that. */
const anyHandle: ComposeHandles = new Proxy<Record<string, ServiceHandle>>(
  {},
  { get: (_, name) => ({ service: String(name), instance: null }) },
);

function reportUnknown(
  recorder: Recorder,
  overrides: ComposeOverrides,
  services: ComposeServices["services"],
  at: Place,
): void {
  for (const name of Object.keys(overrides))
    if (!services.some((service) => service.name === name))
      addError(recorder, ...unknownService(name, services), inside(at, name));
}

function unknownService(
  name: string,
  services: ComposeServices["services"],
): [message: string, hint: string] {
  const names = services.map((service) => service.name);
  return [`the Compose file has no service "${name}"`, acceptedHint(name, names)];
}

/** Objects of names and values are merged, as an override file of Compose merges them; all else is replaced. */
function override(options: ServiceOptions, given: Deferrable<ServiceOptions> = {}): object {
  const merged = (["env", "labels"] as const).flatMap((key) => {
    const [before, after] = [options[key], given[key]];
    return isRecord(before) && isRecord(after) ? [[key, { ...before, ...after }]] : [];
  });
  return { ...options, ...given, ...Object.fromEntries(merged) };
}

import type { ServiceOptions } from "../../../api/options.ts";
import type { ComposeService } from "../compose-file.ts";
import { toList, type EntryPaths, type MappedOptions, type ServiceContext } from "./context.ts";
import { readiness } from "./dependencies.ts";
import { mapFiles } from "./files.ts";
import { mapMount } from "./mounts.ts";
import { serviceName } from "./names.ts";
import { defaultAttachment } from "./networks.ts";
import { mapPorts } from "./ports.ts";
import { replicasOf } from "./replicas.ts";
import { mapFields } from "./service-fields.ts";

/** A service of Compose as options of `service()`. */
export interface MappedService {
  /** Its name here. */
  readonly service: string;
  /** As the file calls it. */
  readonly name: string;
  /** For each of its instances, "1" first. */
  readonly instances: readonly ServiceOptions[];
  /** For each of them. */
  readonly entries: readonly EntryPaths[];
}

/** @param isEnabled `run all` starts it: it is in no profile, or in one that is active */
export function mapService(context: ServiceContext, isEnabled: boolean): MappedService {
  const { service, name } = context;
  const common: MappedOptions = {
    ...defaultAttachment(context),
    ...mapFields(context),
    ...readiness(context),
    ...filesOf(context),
    ...(isEnabled ? {} : inactive(service)),
  };
  const count = replicasOf(service);
  const contexts = Array.from({ length: count }, () => ({
    ...context,
    entries: new Map(context.entries),
  }));
  const instances = contexts.map((own, position) => ({
    instance: String(position + 1),
    ...common,
    ...portsOf(own, position),
  }));
  const entries = contexts.map((own) => own.entries);
  return { service: serviceName(name), name, instances, entries };
}

/** A service of a profile runs when it is named, or its profile as a group. */
function inactive({ profiles = [] }: ComposeService): MappedOptions {
  const [group] = profiles;
  return { ...(group === undefined ? {} : { group }), autorun: false };
}

function filesOf(context: ServiceContext): MappedOptions {
  const { mounts, copies, secrets } = mapFiles(context);
  const { volumes = [] } = context.service;
  const mapped = [...volumes.flatMap((mount, index) => mapMount(mount, index, context)), ...mounts];
  const all = toList("volumes", mapped, context);
  return {
    ...(all.length === 0 ? {} : { volumes: all }),
    ...(Object.keys(copies).length === 0 ? {} : { files: copies }),
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
  };
}

function portsOf(context: ServiceContext, position: number): MappedOptions {
  const ports = mapPorts(context.service.ports ?? [], position, context);
  return ports.length === 0 ? {} : { ports };
}

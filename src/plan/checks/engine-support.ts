import { inside, invalidProject, ReynsError, type Place } from "../../errors.ts";
import type { Project } from "../../model/project.ts";
import type { ContainerSpec, NetworkAttachment } from "../../model/container-spec.ts";
import { freePort } from "../../model/ports.ts";
import type { Step } from "../../model/steps.ts";

/** Fields that an older Engine would ignore. */
const newerFields: readonly {
  readonly field: string;
  readonly apiVersion: string;
  readonly release: string;
  /** Where only newer ones have it; everywhere unless given. */
  readonly scope?: string;
  readonly isUsed: (spec: ContainerSpec) => boolean;
}[] = [
  {
    field: "platform",
    apiVersion: "1.41",
    release: "Docker 20.10",
    isUsed: ({ runtime }) => runtime.platform !== undefined,
  },
  {
    field: "annotations",
    apiVersion: "1.43",
    release: "Docker 24",
    isUsed: ({ runtime }) => Object.keys(runtime.annotations ?? {}).length > 0,
  },
  {
    field: "healthcheck.startInterval",
    apiVersion: "1.44",
    release: "Docker 25",
    isUsed: ({ runtime }) => runtime.healthcheck?.startInterval !== undefined,
  },
  {
    field: "volumes.subpath",
    apiVersion: "1.45",
    release: "Docker 26",
    isUsed: ({ mounts }) => mounts.some(({ subpath }) => subpath !== undefined),
  },
  {
    field: "volumes.recursive",
    apiVersion: "1.44",
    release: "Docker 25",
    isUsed: ({ mounts }) =>
      mounts.some(({ recursive }) => recursive !== undefined && recursive !== "disabled"),
  },
  {
    field: "networks.mac",
    apiVersion: "1.44",
    release: "Docker 25",
    scope: " in any network but the first",
    isUsed: ({ joined = [] }) => joined.some(({ mac }) => mac !== undefined),
  },
  {
    field: "networks.gwPriority",
    apiVersion: "1.48",
    release: "Docker 28",
    isUsed: (spec) => attachmentsOf(spec).some(({ gwPriority }) => gwPriority !== undefined),
  },
  {
    field: "networks.interfaceName",
    apiVersion: "1.49",
    release: "Docker 28.1",
    isUsed: (spec) => attachmentsOf(spec).some(({ interfaceName }) => interfaceName !== undefined),
  },
];

function attachmentsOf({ network, joined = [] }: ContainerSpec): readonly NetworkAttachment[] {
  return network ? [network, ...joined] : joined;
}

/** Whether the API version of the Engine matters for what is to be started. */
export function usesNewerFields(steps: readonly Step[]): boolean {
  return steps.some(
    (step) => step.kind === "start-instance" && newerFields.some(({ isUsed }) => isUsed(step.spec)),
  );
}

/**
 * An error for each field of the instances to start that the Engine does not have.
 *
 * @param apiVersion the newest that the Engine supports, such as "1.41"
 */
export function unsupportedFieldErrors(
  steps: readonly Step[],
  { conf }: Project,
  apiVersion: string,
): ReynsError[] {
  const starts = steps.filter((step) => step.kind === "start-instance");
  return starts.flatMap(({ host, spec }) =>
    newerFields
      .filter((newer) => newer.isUsed(spec) && minorOf(apiVersion) < minorOf(newer.apiVersion))
      .map(({ field, release, scope = "" }) => {
        const definition = definitionPlace(host, conf);
        const message = `${host}: this Engine does not have ${field}${scope}`;
        const hint = `it needs ${release} or newer; upgrade the Engine, or leave the field out`;
        const at = definition && inside(definition, ...field.split("."));
        return invalidProject(message, hint, at);
      }),
  );
}

/** Podman takes no range, of which Docker chooses a port. */
export function portRangeErrors(
  steps: readonly Step[],
  { conf }: Pick<Project, "conf">,
): ReynsError[] {
  const starts = steps.filter((step) => step.kind === "start-instance");
  return starts.flatMap(({ host, spec }) =>
    spec.ports
      .filter(({ host: port, within, kept }) => port === freePort && within && kept === undefined)
      .map(({ container, within }) => {
        const message = `${host}: Podman cannot choose a port of ${within} for ${container}`;
        const hint = `give one port, such as "${within?.split("-")[0]}:${container}", or 0 for any free one: "0:${container}"`;
        const at = definitionPlace(host, conf);
        return new ReynsError("INVALID_PROJECT", message, { hint, at: at && inside(at, "ports") });
      }),
  );
}

function definitionPlace(host: string, { instances }: Project["conf"]): Place | undefined {
  return instances.find(({ service, instance }) => `${service}-${instance}` === host)?.at;
}

/** "1.44" -> 44 */
function minorOf(apiVersion: string): number {
  return Number(apiVersion.split(".")[1]);
}

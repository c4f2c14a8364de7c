import type { SessionKind } from "../../model/container-spec.ts";
import type { InstanceType } from "../../model/instance-types.ts";
import type { InstanceDefinition } from "../../model/project.ts";
import type { Properties } from "../../model/properties.ts";
import type { SwarmSettings } from "../../model/swarm-service.ts";

/** The instances that a call asks for, and what it overrides in them. */
export interface Selection {
  /** A service's name, a pattern, or "all". */
  readonly service: string;
  readonly instance: string | undefined;
  readonly group: string | undefined;
  readonly instanceType: InstanceType | undefined;
  readonly properties: Partial<Properties>;
  readonly seedCommand: string | undefined;
  readonly extraArgs: string | undefined;
  readonly publishSshOn: number | undefined;
  /** Variables that win over the definition's. */
  readonly env: Readonly<Record<string, string>>;
  /** Also select the instances that these link to or come after. */
  readonly deps: boolean;
  /** One more instance of the service, from the definition that it has. */
  readonly isNew: boolean;
  /** Run a command in a fresh container of the service, which is removed at its end. */
  readonly oneOff?: OneOff | undefined;
}

/** A command to run in place of the service's. */
export interface OneOff {
  /** The service's own when undefined. */
  readonly command: readonly string[] | undefined;
  readonly session: SessionKind;
  readonly user: string | undefined;
  readonly workingDir: string | undefined;
  /** The service's own when undefined; its command is not for another one. */
  readonly entrypoint?: readonly string[] | undefined;
  /** Publish the ports of the service, too. */
  readonly ports: boolean;
}

/** Selects instances and overrides nothing. */
export function plainSelection(service: string, group?: string): Selection {
  return {
    service,
    instance: undefined,
    group,
    instanceType: undefined,
    properties: {},
    seedCommand: undefined,
    extraArgs: undefined,
    publishSshOn: undefined,
    env: {},
    deps: false,
    isNew: false,
  };
}

/** An instance that has to run, with the call's overrides and its type's presets applied. */
export interface SelectedInstance {
  readonly definition: InstanceDefinition;
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  readonly instanceType: InstanceType;
  readonly properties: Properties;
  readonly seedCommand: string | undefined;
  /** Whether the call named it, meant it by "all", or needs it for another. */
  readonly selectedBy: "name" | "all" | "dependency";
  /** It is attached to the caller, and removed at its end. */
  readonly session: SessionKind | undefined;
  /** No definition has its name: it was made up, or given on the command line. */
  readonly isAdHoc: boolean;
}

/** How Docker Swarm runs an instance; undefined for a container, as one for a single command or a terminal is. */
export function swarmOf({
  definition,
  session,
  properties,
}: SelectedInstance): SwarmSettings | undefined {
  return session === undefined && !properties.interactive ? definition.swarm : undefined;
}

import type { HealthConfig } from "dockerode";
import type { ObservedUpdate } from "../../model/swarm-service.ts";

/**
 * What the Engine's API says of services, as far as it is used: the types of dockerode leave most of it out.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service
 */
export interface ServiceSpec {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly TaskTemplate: TaskTemplate;
  readonly Mode: { readonly Replicated: { readonly Replicas: number } };
  readonly UpdateConfig?: object;
  readonly RollbackConfig?: object;
  readonly EndpointSpec?: { readonly Mode: "dnsrr"; readonly Ports: readonly ServicePort[] };
}

interface TaskTemplate {
  readonly ContainerSpec: {
    readonly Image: string;
    /** Nanoseconds. */
    readonly StopGracePeriod?: number | undefined;
    readonly Healthcheck?: HealthConfig;
    readonly Secrets?: readonly FileReference[];
    readonly Configs?: readonly FileReference[];
  };
  /** With another one, all tasks are made anew. */
  readonly ForceUpdate: number;
  readonly Placement?: TaskPlacement;
}

interface TaskPlacement {
  readonly Constraints?: readonly string[];
  readonly Preferences?: readonly { readonly Spread?: { readonly SpreadDescriptor?: string } }[];
  readonly MaxReplicas?: number;
}

/** A secret or a config in the tasks of a service. */
export interface FileReference {
  readonly SecretID?: string;
  readonly ConfigID?: string;
}

export interface ServicePort {
  readonly Protocol: string;
  readonly TargetPort: number;
  readonly PublishedPort: number;
  readonly PublishMode: "host";
}

/** A service as the Engine describes it. */
export interface Service {
  readonly id: string;
  /** Number of its last change: the next one has to name it. */
  readonly version: number;
  readonly spec: ServiceSpec;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** The same of its last change. */
  readonly updatedAt: number;
  readonly update: ObservedUpdate | undefined;
}

/** A service before a change, and its spec after it. */
export interface EditedService {
  readonly former: Service;
  readonly body: ServiceSpec;
}

/** A task of a service: one container on a node, or what is left of one. */
export interface SwarmTask {
  readonly id: string;
  readonly service: string;
  readonly slot: number;
  readonly node: string | undefined;
  /** new, pending, assigned, preparing, starting, running, complete, failed, rejected, shutdown, … */
  readonly state: string;
  /** running, shutdown or remove. */
  readonly desired: string;
  readonly error: string | undefined;
  readonly exitCode: number | undefined;
  /** Of its spec: which update it belongs to. */
  readonly forceUpdate: number;
  readonly container: string | undefined;
  /** When its state was the last time another one: RFC 3339. */
  readonly since: string;
}

import { serviceText } from "../../model/field-text.ts";
import type { ContainerFields } from "../../model/fields.ts";
import { environmentPart, labels } from "../../model/labels.ts";
import { splitOnce } from "../../lib/split-once.ts";
import { unwrapCommand } from "../../model/secret-loader.ts";
import type { Engine } from "../client/engine.ts";
import { inspectService } from "./services.ts";
import type { ServiceSpec } from "./types.ts";

/** The parts of a service's spec that the types of services do not need elsewhere. */
interface TaskSettings {
  readonly Command?: readonly string[];
  readonly Args?: readonly string[];
  readonly Hostname?: string;
  readonly User?: string;
  readonly Dir?: string;
  readonly Env?: readonly string[];
  readonly Hosts?: readonly string[];
}

/**
 * The fields of a service that exists, as text: to be compared with those that it gets.
 *
 * @returns undefined when there is no such service
 */
export async function inspectServiceFields(
  engine: Engine,
  id: string,
): Promise<ContainerFields | undefined> {
  const service = await inspectService(engine, id);
  if (!service) return undefined;
  const { Labels, TaskTemplate, EndpointSpec } = service.spec;
  const settings = TaskTemplate.ContainerSpec as TaskSettings;
  return {
    image: Labels[labels.image],
    command: unwrapCommand(settings.Args ?? []).join(" ") || undefined,
    entrypoint: unwrapCommand(settings.Command ?? []).join(" ") || undefined,
    hostname: settings.Hostname || undefined,
    user: settings.User || undefined,
    workingDir: settings.Dir || undefined,
    links: (settings.Hosts ?? []).map((line) => splitOnce(line, " ").toReversed().join(":")),
    ports: (EndpointSpec?.Ports ?? []).map(
      ({ PublishedPort, TargetPort, Protocol }) => `${PublishedPort}:${TargetPort}/${Protocol}`,
    ),
    swarm: swarmText(service.spec),
    ...Object.fromEntries(
      (settings.Env ?? []).map((line) => {
        const [name, value] = splitOnce(line, "=");
        return [environmentPart(name), value];
      }),
    ),
  };
}

function swarmText({ Mode, UpdateConfig, TaskTemplate }: ServiceSpec): string {
  const {
    Order = "stop-first",
    Parallelism = 1,
    Delay = 0,
    Monitor = 0,
    FailureAction = "pause",
  } = (UpdateConfig ?? {}) as {
    readonly Order?: string;
    readonly Parallelism?: number;
    readonly Delay?: number;
    readonly Monitor?: number;
    readonly FailureAction?: string;
  };
  const { Constraints = [], Preferences = [], MaxReplicas } = TaskTemplate.Placement ?? {};
  return serviceText({
    replicas: Mode.Replicated.Replicas,
    order: Order,
    parallelism: Parallelism,
    delay: Delay / 1e9,
    monitor: Monitor / 1e9,
    onFailure: FailureAction,
    placement: {
      constraints: Constraints,
      spread: Preferences.flatMap(({ Spread }) => Spread?.SpreadDescriptor ?? []),
      maxPerNode: MaxReplicas || undefined,
    },
  });
}

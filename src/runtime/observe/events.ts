import { followContainers, type ContainerEvent } from "../../docker/containers/events.ts";
import { originFilter, labels } from "../../model/labels.ts";
import type { Engine } from "../connect.ts";

/** Something that happened to an instance. */
export interface InstanceEvent {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly service: string;
  readonly instance: string;
  /** In the Engine's words: `start`, `die`, `health_status: healthy`. */
  readonly action: string;
  /** Only of `die`. */
  readonly exitCode: number | undefined;
  /** The container's id. */
  readonly id: string;
}

interface EventsOptions {
  /** The project's identity. */
  readonly origin: string;
  /** Seconds since 1970. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly signal: AbortSignal;
  readonly onReady: () => void;
  readonly onEvent: (event: InstanceEvent) => void;
}

/** Follows the events of a folder's instances. Leaves out the commands that run in them: health checks would drown the rest. */
export async function followInstances(
  engine: Engine,
  { origin, onEvent, ...options }: EventsOptions,
): Promise<void> {
  await followContainers(engine, {
    ...options,
    labels: [originFilter(origin), labels.instance],
    actions: [],
    onEvent: (event) => {
      if (!event.action.startsWith("exec")) onEvent(toInstanceEvent(event));
    },
  });
}

function toInstanceEvent({ time, action, id, attributes }: ContainerEvent): InstanceEvent {
  return {
    time,
    service: attributes[labels.service] ?? "",
    instance: attributes[labels.instance] ?? "",
    action,
    exitCode: attributes["exitCode"] === undefined ? undefined : Number(attributes["exitCode"]),
    id,
  };
}

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

/** What somebody looked at or copied, and the names that a replacement takes; commands in instances are `exec…`. */
const looks = new Set([
  "top",
  "attach",
  "detach",
  "resize",
  "rename",
  "copy",
  "export",
  "archive-path",
  "extract-to-dir",
]);

/** Follows what happens to a folder's instances. Health checks run commands in them, which would drown the rest. */
export async function followInstances(
  engine: Engine,
  { origin, onEvent, ...options }: EventsOptions,
): Promise<void> {
  await followContainers(engine, {
    ...options,
    labels: [originFilter(origin), labels.instance],
    actions: [],
    onEvent: (event) => {
      if (!event.action.startsWith("exec") && !looks.has(event.action))
        onEvent(toInstanceEvent(event));
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

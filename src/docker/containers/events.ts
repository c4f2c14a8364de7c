import type { Readable } from "node:stream";
import { createLineSplitter } from "../../lib/line-splitter.ts";
import type { Engine } from "../client/engine.ts";
import { withClient } from "../client/errors.ts";
import { destroyOnAbort, whenEnded } from "../streams/stream-end.ts";

export interface ContainerEvent {
  /** `die`, `start` */
  readonly action: string;
  readonly id: string;
  /** The container's labels, name and image. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface EventOptions {
  /** `name=value` */
  readonly labels: readonly string[];
  readonly actions: readonly string[];
  readonly signal: AbortSignal;
  /** Called once, when no further event can be missed. */
  readonly onReady: () => void;
  readonly onEvent: (event: ContainerEvent) => void;
}

interface EngineEvent {
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Record<string, string> };
}

/** Follows the events of containers that have all of the labels, until the signal or the Engine ends the stream. */
export async function followContainers(engine: Engine, options: EventOptions): Promise<void> {
  const { labels, actions, signal, onReady, onEvent } = options;
  const filters = { type: ["container"], event: [...actions], label: [...labels] };
  const stream = (await withClient(engine, (client) =>
    client.getEvents({ filters: JSON.stringify(filters) }),
  )) as Readable;
  onReady();
  const lines = createLineSplitter((line) => {
    if (line.trim() !== "") onEvent(eventOf(JSON.parse(line) as EngineEvent));
  });
  stream.on("data", lines.push);
  const ended = whenEnded(stream);
  destroyOnAbort(signal, stream);
  await ended;
}

function eventOf({ Action, Actor }: EngineEvent): ContainerEvent {
  return { action: Action ?? "", id: Actor?.ID ?? "", attributes: Actor?.Attributes ?? {} };
}

import type { Readable } from "node:stream";
import { createLineSplitter } from "../../lib/line-splitter.ts";
import type { Engine } from "../client/connect.ts";
import { withClient } from "../client/errors.ts";
import { destroyOnAbort, whenEnded } from "../streams/attach-output.ts";

/** Something that happened to a container. */
export interface ContainerEvent {
  /** `die`, `start` */
  readonly action: string;
  readonly id: string;
  /** Its labels, and its name and image among them. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface FollowOptions {
  /** `name=value` */
  readonly labels: readonly string[];
  readonly actions: readonly string[];
  readonly signal: AbortSignal;
  /** Called once, when nothing that happens from now on is missed. */
  readonly onReady: () => void;
  readonly onEvent: (event: ContainerEvent) => void;
}

interface EngineEvent {
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Record<string, string> };
}

/** Follows what happens to the containers that carry all of the labels, until the signal or the Engine ends it. */
export async function followContainers(engine: Engine, following: FollowOptions): Promise<void> {
  const { labels, actions, signal, onReady, onEvent } = following;
  const filters = { type: ["container"], event: [...actions], label: [...labels] };
  const stream = (await withClient(engine, (client) =>
    client.getEvents({ filters: JSON.stringify(filters) }),
  )) as Readable;
  onReady();
  const lines = createLineSplitter((line) => {
    if (line.trim() !== "") onEvent(eventOf(JSON.parse(line) as EngineEvent));
  });
  stream.on("data", lines.push);
  const over = whenEnded(stream);
  destroyOnAbort(signal, stream);
  await over;
}

function eventOf({ Action, Actor }: EngineEvent): ContainerEvent {
  return { action: Action ?? "", id: Actor?.ID ?? "", attributes: Actor?.Attributes ?? {} };
}

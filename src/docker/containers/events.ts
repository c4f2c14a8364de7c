import type { Readable } from "node:stream";
import { createLineSplitter } from "../../lib/line-splitter.ts";
import {
  parseJsonAnswer,
  readAnswer,
  requireNumber,
  requireObject,
  requireString,
} from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { translateError, withClient } from "../client/errors.ts";
import { destroyOnAbort, whenEnded } from "../streams/stream-end.ts";

export interface ContainerEvent {
  /** `die`, `start` */
  readonly action: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly id: string;
  /** The container's labels, name and image. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface EventOptions {
  /** `name=value` */
  readonly labels: readonly string[];
  /** All actions, if there are none. */
  readonly actions: readonly string[];
  /** Seconds since 1970: past events are told first. */
  readonly since?: number | undefined;
  /** Seconds since 1970: the end. */
  readonly until?: number | undefined;
  readonly signal: AbortSignal;
  /** Called once, when no further event can be missed. */
  readonly onReady: () => void;
  readonly onEvent: (event: ContainerEvent) => void;
}

interface EngineEvent {
  readonly Action?: string;
  readonly timeNano?: number;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Record<string, string> };
}

/**
 * Follows the events of containers that have all of the labels, until the signal or the Engine ends the stream.
 *
 * @throws ReynsError NO_ENGINE for a line that is no event
 */
export async function followContainers(engine: Engine, options: EventOptions): Promise<void> {
  const { labels, actions, since, until, signal, onReady, onEvent } = options;
  const event = actions.length > 0 ? { event: [...actions] } : {};
  const filters = { type: ["container"], label: [...labels], ...event };
  const range = await rangeFor(engine, since, until);
  const stream = (await withClient(engine, (client) =>
    client.getEvents({ filters: JSON.stringify(filters), ...range }),
  )) as Readable;
  onReady();
  const failed = Promise.withResolvers<never>();
  const lines = createLineSplitter((line) => {
    if (line.trim() === "" || stream.destroyed) return;
    try {
      const found = eventOf(engine, parseJsonAnswer(line) as EngineEvent);
      if (range.stream !== false || found.time <= (until ?? Infinity) * 1000) onEvent(found);
    } catch (error) {
      failed.reject(translateError(engine, error));
      stream.destroy();
    }
  });
  stream.on("data", lines.push);
  const ended = whenEnded(stream);
  destroyOnAbort(signal, stream);
  await Promise.race([failed.promise, ended]);
}

/** Podman 4 tells nothing of what is over when the end is over, too. */
async function rangeFor(
  engine: Engine,
  since: number | undefined,
  until: number | undefined,
): Promise<{ since?: number; until?: number; stream?: false }> {
  const begin = since === undefined ? {} : { since };
  const isOver = until !== undefined && until * 1000 <= Date.now();
  if (isOver && (await engine.features()).isPodman) return { ...begin, stream: false };
  return until === undefined ? begin : { ...begin, until };
}

function eventOf(engine: Engine, event: EngineEvent): ContainerEvent {
  return readAnswer(engine, event, ({ Action, Actor, timeNano }) => ({
    action: requireString(Action ?? ""),
    time: requireNumber(new Date((timeNano ?? 0) / 1e6).getTime()),
    id: requireString(Actor?.ID ?? ""),
    attributes: Object.fromEntries(
      Object.entries(requireObject(Actor?.Attributes ?? {})).map(([name, value]) => [
        name,
        requireString(value),
      ]),
    ),
  }));
}

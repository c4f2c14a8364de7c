import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import type { ObservedInstance } from "../../model/observed.ts";

/** What became of an instance since it was created, which a list does not show. */
export interface Lifetime {
  /** How often its restart policy has restarted it. */
  readonly restarts: number;
  readonly oomKilled: boolean;
  /** ISO 8601; undefined before its first start. */
  readonly startedAt: string | undefined;
  /** ISO 8601; undefined before it first ended. */
  readonly finishedAt: string | undefined;
}

/** Container id -> its lifetime, for the containers that are still there. */
export async function observeLifetimes(
  engine: Engine,
  instances: readonly ObservedInstance[],
): Promise<Map<string, Lifetime>> {
  const found = await Promise.all(
    instances.map(async ({ id }): Promise<[string, Lifetime][]> => {
      const details = await inspectContainer(engine, id);
      if (!details) return [];
      const { restarts, oomKilled, startedAt, finishedAt } = details;
      const lifetime = {
        restarts,
        oomKilled,
        startedAt: timeOf(startedAt),
        finishedAt: timeOf(finishedAt),
      };
      return [[id, lifetime]];
    }),
  );
  return new Map(found.flat());
}

/** The Engine writes the year 1 for never. */
function timeOf(text: string): string | undefined {
  return text.startsWith("0001-") ? undefined : text;
}

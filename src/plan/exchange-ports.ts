import { nodesBefore } from "../lib/graph.ts";
import { previousNameOf } from "../model/resource-names.ts";
import type { RestartInstance, SetAside, StartInstance } from "../model/steps.ts";
import type { Bringing, StartOrder } from "./bringing.ts";

type Start = StartInstance | RestartInstance;

interface Exchange {
  /** The starts, after the steps that set the containers of exchanged ports aside. */
  readonly steps: (SetAside | Start)[];
  /** The orders that no exchange takes the place of. */
  readonly others: readonly StartOrder[];
}

/**
 * Two instances that get each other's ports cannot wait for each other, nor can one that comes after the instance that
 * gets its port. All that hold such ports are set aside first, then all start; they are replaced together, or none is.
 *
 * @param ports which start needs a port that the container of another one has
 */
export function exchangePorts(
  starts: readonly Start[],
  ports: readonly StartOrder[],
  bringing: readonly Bringing[],
): Exchange {
  const graph = starts.map(({ id, after }) => ({
    id,
    after: [...after, ...ports.filter(({ from }) => from === id).map(({ to }) => to)],
  }));
  const before = new Map(
    ports.flatMap(({ from, to }) => [from, to]).map((id) => [id, nodesBefore(graph, id)]),
  );
  const isCircular = ({ from, to }: StartOrder): boolean => before.get(to)?.has(from) ?? false;
  const circular = ports.filter(isCircular);
  const others = ports.filter((order) => !isCircular(order));
  const members = [...new Set(circular.flatMap(({ from, to }) => [from, to]))].toSorted();
  const leaderOf = (id: string): string =>
    members.find((other) => before.get(other)?.has(id) && before.get(id)?.has(other)) ?? id;
  const steps = [...Map.groupBy(members, leaderOf).values()].reduce<(SetAside | Start)[]>(
    (changed, ids) => replaceTogether(changed, ids, { circular, bringing }),
    [...starts],
  );
  return { steps, others };
}

interface Circle {
  readonly circular: readonly StartOrder[];
  readonly bringing: readonly Bringing[];
}

function replaceTogether(
  steps: readonly (SetAside | Start)[],
  ids: readonly string[],
  { circular, bringing }: Circle,
): (SetAside | Start)[] {
  const members = steps.filter(
    (step): step is StartInstance => ids.includes(step.id) && step.kind === "start-instance",
  );
  const together = members.map(({ host }) => host).join(", ");
  const graph = steps.map(({ id, after }) => ({ id, after }));
  // What comes before all of them comes before the first stop, so that nothing is down for longer than it has to be.
  const isOutside = (id: string): boolean =>
    !ids.includes(id) && !ids.some((member) => nodesBefore(graph, id).has(member));
  const first = [...new Set(members.flatMap(({ after }) => after))].filter(isOutside);
  const asides = members.flatMap((member) =>
    setAside(member, { circular, bringing, together, after: first }),
  );
  const asideIds = asides.map(({ id }) => id);
  return [
    ...asides,
    ...steps.map((step) =>
      members.some(({ id }) => id === step.id)
        ? { ...step, together, after: [...new Set([...step.after, ...asideIds])] }
        : step,
    ),
  ];
}

interface AsideContext extends Pick<Circle, "circular" | "bringing"> {
  readonly together: string;
  readonly after: readonly string[];
}

/** None for a member whose ports nobody in the circle gets. */
function setAside(
  { id, host, spec, predecessor }: StartInstance,
  { circular, bringing, together, after }: AsideContext,
): SetAside[] {
  const existing = bringing.find(({ step }) => step.id === id)?.described.placed.existing;
  const takers = circular.filter(({ to }) => to === id).map(({ from }) => from);
  if (!existing || takers.length === 0) return [];
  const names = bringing
    .filter(({ step }) => takers.includes(step.id))
    .map(({ step }) => step.host);
  return [
    {
      kind: "set-aside",
      id: `set aside ${host}`,
      after,
      title: host,
      reason: `its port goes to ${names.join(", ")}`,
      host,
      hooks: existing.hooks,
      containerId: existing.id,
      name: predecessor === existing.id ? previousNameOf(spec.name) : undefined,
      together,
    },
  ];
}

import type { Step } from "../../../src/model/steps.ts";

const verbs: Readonly<Record<Step["kind"], string>> = {
  "root-image": "import",
  "build-image": "build",
  "pull-image": "pull",
  "push-image": "push",
  "tag-image": "tag",
  "send-image": "send",
  "create-network": "create",
  "probe-network": "await",
  "start-instance": "start",
  "restart-instance": "restart",
  "set-aside": "stop",
  "await-instance": "await",
  "await-name": "await",
  "stop-instance": "stop",
  "remove-instance": "remove",
  "remove-network": "remove",
  "remove-data": "remove",
  "remove-volume": "remove",
  "configure-router": "update",
  "keep-leases": "update",
  "remove-keeper": "remove",
};

/**
 * The steps of a plan as text, a line each: what is done, to what, why, and after which other steps.
 *
 * @example
 * formatPlan(plan.steps)
 * // build  shop/web  not built yet
 * // create network   the project has none yet
 * // start  web-one   not there yet  (after shop/web, network)
 */
export function formatPlan(steps: readonly Step[]): string {
  const titles = new Map(steps.map(({ id, title }) => [id, title]));
  const verbWidth = Math.max(0, ...steps.map(({ kind }) => verbs[kind].length));
  const titleWidth = Math.max(0, ...steps.map(({ title }) => title.length));
  return steps
    .map(({ kind, title, reason, after }) => {
      const others = after.map((id) => titles.get(id) ?? id);
      const order = others.length === 0 ? "" : `  (after ${others.join(", ")})`;
      return `${verbs[kind].padEnd(verbWidth)} ${title.padEnd(titleWidth)} ${reason}${order}`;
    })
    .join("\n");
}

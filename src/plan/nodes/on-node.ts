import type { Step } from "../../model/steps.ts";

/** The steps of one node, as part of a plan for several: their names are their own. */
export function stepsOnNode(node: string, steps: readonly Step[]): Step[] {
  return steps.map((step) => ({
    ...step,
    node,
    id: idOnNode(node, step.id),
    after: step.after.map((id) => idOnNode(node, id)),
    ...("together" in step && step.together !== undefined
      ? { together: idOnNode(node, step.together) }
      : {}),
  }));
}

/** Of a step of that node. */
export function idOnNode(node: string, id: string): string {
  return `${node}: ${id}`;
}

import type { Step } from "./steps.ts";

/** True for steps about an instance that is a service of Docker Swarm, or was one until now. */
export function isServiceStep(step: Step): boolean {
  if (step.kind === "start-instance") return (step.spec.swarm ?? step.removesService) !== undefined;
  if (step.kind === "restart-instance" || step.kind === "await-instance")
    return step.ready.kind === "tasks";
  return (step.kind === "stop-instance" || step.kind === "remove-instance") && !!step.isService;
}

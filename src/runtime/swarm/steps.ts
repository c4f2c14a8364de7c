import type { Step } from "../../model/steps.ts";
import type { StepContext } from "../context.ts";
import { deployStep } from "./deploy.ts";
import {
  awaitServiceStep,
  removeServiceStep,
  restartServiceStep,
  stopServiceStep,
} from "./lifecycle.ts";
import { replaceByContainer } from "./replace-service.ts";

/** Runs a step about an instance that is a service of Docker Swarm, or was one until now. */
export async function runServiceStep(
  step: Step,
  context: StepContext,
): Promise<string | undefined> {
  switch (step.kind) {
    case "start-instance": {
      const { swarm } = step.spec;
      if (swarm) return deployStep(step, swarm, context);
      return replaceByContainer({ ...step, removes: step.removes ?? "" }, context);
    }
    case "restart-instance":
      return restartServiceStep(step, context);
    case "await-instance":
      return awaitServiceStep(step, context);
    case "stop-instance":
      return stopServiceStep(step, context);
    case "remove-instance":
      return removeServiceStep(step, context);
    default:
      throw new Error(`no step of a service: ${step.kind}`);
  }
}

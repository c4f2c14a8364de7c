import { isServiceStep } from "../../model/service-steps.ts";
import type { Step } from "../../model/steps.ts";
import type { StepContext } from "../context.ts";
import { awaitNameStep } from "./steps/await-name.ts";
import { buildStep } from "./steps/build.ts";
import { keepLeasesStep, removeKeeperStep } from "./steps/lease-keeper.ts";
import { createNetworkStep } from "./steps/network.ts";
import { pullStep } from "./steps/pull.ts";
import { pushStep } from "./steps/push.ts";
import { removeDataStep, removeVolumeStep } from "./steps/remove-data.ts";
import { removeNetworkStep, removeStep, stopStep } from "./steps/remove.ts";
import { configureRouterStep } from "./steps/router.ts";
import { rootImageStep } from "./steps/root-image.ts";
import { awaitStep, restartStep, setAsideStep, startStep } from "./steps/start.ts";
import { tagStep } from "./steps/tag.ts";

/** Runs one step; returns a note on its outcome, if there is one. */
export async function runStep(step: Step, context: StepContext): Promise<string | undefined> {
  if (!isServiceStep(step)) return runPlainStep(step, context);
  return (await import("../swarm/steps.ts")).runServiceStep(step, context);
}

async function runPlainStep(step: Step, context: StepContext): Promise<string | undefined> {
  switch (step.kind) {
    case "root-image":
      return rootImageStep(step, context);
    case "build-image":
      return buildStep(step, context);
    case "pull-image":
      return pullStep(step, context);
    case "push-image":
      return pushStep(step, context);
    case "tag-image":
      return tagStep(step, context);
    case "send-image":
      return (await import("./steps/send.ts")).sendStep(step, context);
    case "probe-network":
      return (await import("./steps/probe-network.ts")).probeNetworkStep(step, context);
    case "create-network":
      return createNetworkStep(step, context);
    case "start-instance":
      return startStep(step, context);
    case "restart-instance":
      return restartStep(step, context);
    case "set-aside":
      return setAsideStep(step, context);
    case "await-instance":
      return awaitStep(step, context);
    case "await-name":
      return awaitNameStep(step, context);
    case "stop-instance":
      return stopStep(step, context);
    case "remove-instance":
      return removeStep(step, context);
    case "remove-network":
      return removeNetworkStep(step, context);
    case "remove-data":
      return removeDataStep(step, context);
    case "remove-volume":
      return removeVolumeStep(step, context);
    case "configure-router":
      return configureRouterStep(step, context);
    case "keep-leases":
      return keepLeasesStep(step, context);
    case "remove-keeper":
      return removeKeeperStep(step, context);
  }
}

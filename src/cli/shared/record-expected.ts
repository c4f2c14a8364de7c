import { labels } from "../../model/labels.ts";
import type { DefinedNames } from "../../model/defined-names.ts";
import { hostNameOf } from "../../model/host-names.ts";
import type { StartInstance, Step } from "../../model/steps.ts";
import { updateExpected, type Expected, type ExpectedInstance } from "../../project/expected.ts";

/** Records what should run when a plan is done, before it begins: what it fails to start is missing then. */
export function recordExpected(folder: string, steps: readonly Step[]): void {
  updateExpected(folder, (before) => afterSteps(before, steps));
}

/** Records what a run found defined, so that orphans can be told without reading the definition again. */
export function recordDefined(folder: string, defined: DefinedNames): void {
  updateExpected(folder, (before) => ({ ...before, defined }));
}

function afterSteps({ instances, stopped, defined }: Expected, steps: readonly Step[]): Expected {
  const starts = steps.filter((step) => step.kind === "start-instance" && !step.interactive);
  const started = starts.map((step) => toExpected(step as StartInstance));
  const hosts = (kind: Step["kind"]): string[] =>
    steps.flatMap((step) =>
      step.kind === kind && "host" in step && isWhole(step) ? step.host : [],
    );
  const removed = hosts("remove-instance");
  const running = [...hosts("start-instance"), ...hosts("restart-instance")];
  const added = new Set(started.map(hostOf));
  const kept = instances.filter((instance) => {
    const host = hostOf(instance);
    return !added.has(host) && !removed.includes(host);
  });
  const halted = [...stopped, ...hosts("stop-instance")];
  return {
    ...(defined && { defined }),
    instances: [...kept, ...started],
    stopped: [...new Set(halted)].filter((host) => ![...running, ...removed].includes(host)),
  };
}

/** Not only the former container of an instance. */
function isWhole(step: Extract<Step, { host: string }>): boolean {
  return step.title === step.host;
}

function toExpected({ spec }: StartInstance): ExpectedInstance {
  const own = spec.labels;
  return {
    project: own[labels.project] ?? "",
    service: own[labels.service] ?? "",
    instance: own[labels.instance] ?? "",
    ...(own[labels.adHoc] === "true" ? { isAdHoc: true } : {}),
  };
}

function hostOf({ service, instance }: ExpectedInstance): string {
  return hostNameOf(service, instance);
}

import { ready } from "../../../api/ready.ts";
import type { TargetInput, RestartingTargets } from "../../../api/link.ts";
import type { ComposeFile } from "../compose-file.ts";
import { toList, type MappedEntry, type MappedOptions, type ServiceContext } from "./context.ts";
import { serviceName } from "./names.ts";

type Condition = "service_healthy" | "service_completed_successfully";

/** The services that another one waits for in that way. */
function awaitedServices({ services }: ComposeFile, condition: Condition): Set<string> {
  return new Set(
    Object.values(services).flatMap(({ depends_on: dependencies = {} }) =>
      Object.entries(dependencies).flatMap(([name, dependency]) =>
        dependency.condition === condition ? [name] : [],
      ),
    ),
  );
}

/** When the service counts as ready: at once, unless another one waits until it is healthy or has ended. */
export function readiness({ file, name }: ServiceContext): MappedOptions {
  if (awaitedServices(file, "service_completed_successfully").has(name)) return { job: true };
  const isAwaited = awaitedServices(file, "service_healthy").has(name);
  return { ready: isAwaited ? ready.healthy() : ready.started() };
}

function hasInstances(name: string, { services }: ComposeFile): boolean {
  const { scale, deploy } = services[name] ?? {};
  return (scale ?? deploy?.replicas) !== 0;
}

/** What it starts after. A service that no longer exists, or has no instances, is one that it can do without. */
export function mapDependencies(
  dependencies: NonNullable<ServiceContext["service"]["depends_on"]>,
  context: ServiceContext,
): MappedOptions {
  const { file } = context;
  const mapped = Object.entries(dependencies)
    .filter(([name]) => Object.hasOwn(file.services, name) && hasInstances(name, file))
    .map(([name, { restart }]): MappedEntry<TargetInput | RestartingTargets> => {
      const target = { service: serviceName(name), instance: null };
      const value = restart === true ? { target, restart } : target;
      return { path: ["depends_on", name], value };
    });
  const after = toList("after", mapped, context);
  return after.length === 0 ? {} : { after };
}

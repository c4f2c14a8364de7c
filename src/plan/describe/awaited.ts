import type { Register } from "../../model/readiness.ts";
import type { Project } from "../../model/project.ts";
import { definedElsewhere } from "../resolve/elsewhere.ts";
import { targetsOf, type LinkTarget } from "../resolve/links.ts";
import type { SelectedInstance } from "../select/selection.ts";
import type { AwaitedName } from "./described-start.ts";

interface AwaitedContext {
  readonly project: Project;
  readonly candidates: readonly LinkTarget[];
  readonly register: Register | undefined;
}

interface Awaited {
  readonly awaited: readonly AwaitedName[];
  readonly warnings: readonly string[];
}

/**
 * What an instance comes after in other groups, which run on other machines: the DNS tells when it is there. One that is
 * here, or registered already, is not waited for.
 */
export function awaitedBy(
  { host, definition }: SelectedInstance,
  { project, candidates, register }: AwaitedContext,
): Awaited {
  const others = definition.after
    .filter((target) => targetsOf(target, host, candidates).length === 0)
    .flatMap((target) => definedElsewhere(target, definition, project));
  const server = register && { server: register.server, zone: register.zone };
  const isAwaited = ({ isRegistered }: (typeof others)[number]): boolean =>
    server !== undefined && isRegistered;
  return {
    awaited: others.flatMap((other) =>
      server && isAwaited(other) ? [{ ...other, ...server }] : [],
    ),
    warnings: others
      .filter((other) => !isAwaited(other) && (server !== undefined || !other.isOnDemand))
      .map(
        (other) =>
          `${host} does not wait for ${other.host} of the group ${other.group}, which does not run here: ${server ? "it is not registered with the DNS" : "no DNS tells whether it runs elsewhere"}`,
      ),
  };
}

/** The id of the step that waits for a name. */
export function awaitNameId(host: string): string {
  return `name ${host}`;
}

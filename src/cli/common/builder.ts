import { noBuilderError } from "../../plan/nodes/builder.ts";
import type { Engine } from "../../runtime/connect.ts";

/**
 * Requires the node that builds and pushes for all, where there are several.
 *
 * @param what "push shop/web"
 * @throws ReynsError INVALID_VALUE when the call leaves it out, or it does not answer
 */
export function requireBuilder({ fleet }: Pick<Engine, "fleet">, what: string): void {
  if (!fleet || fleet.members.some(({ name }) => name === fleet.builder)) return;
  throw noBuilderError(fleet.builder, what);
}

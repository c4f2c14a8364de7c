import { ReynsError } from "../../errors.ts";
import { nodesOf } from "../../model/nodes.ts";
import type { Project } from "../../model/project.ts";

interface NamedNode {
  readonly node: string;
}

/** Whether the first node of the conf, which builds for all, is among those that a call is about. */
export function hasBuilder(parts: readonly NamedNode[], { conf }: Pick<Project, "conf">): boolean {
  const [builder] = nodesOf(conf);
  return builder === undefined || parts.some(({ node }) => node === builder.name);
}

/**
 * Another node would get an image of its own, which the first one's would replace later.
 *
 * @param what "build shop/web"
 */
export function noBuilderError(builder: string, what: string): ReynsError {
  const message = `cannot ${what} without ${builder}: only the first node builds and pushes`;
  const hint = `nothing was changed; repeat it when ${builder} answers, and name ${builder}, too, if the call has node=`;
  return new ReynsError("INVALID_VALUE", message, { hint });
}

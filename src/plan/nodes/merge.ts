import { ReynsError } from "../../errors.ts";
import { findCycle } from "../../lib/graph.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { isBringUp, type Step } from "../../model/steps.ts";
import { definesSecondary } from "../../model/dns-settings.ts";
import { makingSteps, sendSteps, type NodePart } from "./images.ts";
import { stepsOnNode } from "./on-node.ts";
import { spanNodes, type Spanning } from "./overlay-steps.ts";
import { testedSends, type TestedImages } from "./tested-sends.ts";
import { definesDns } from "../resolve/elsewhere.ts";
import { definedHost, isTarget } from "./values.ts";

interface MergeOptions {
  /** The network of all nodes, if they have one. */
  readonly spanning?: Spanning | undefined;
  /** What a receipt lets run: it comes from the caller's Engine, not from the first node. */
  readonly tested?: TestedImages | undefined;
}

/**
 * Makes one plan of those of all nodes. Images come first, on all of them: they are built on the first node and sent to
 * the others. An instance waits for what it links to or comes after, wherever that starts, and for the DNS.
 *
 * @throws ReynsError INVALID_PROJECT when instances wait for each other in a circle; INVALID_VALUE when images are to be
 *   built without the first node
 */
export function mergeNodePlans(
  parts: readonly NodePart[],
  project: Project,
  { spanning, tested }: MergeOptions = {},
): Step[] {
  const making = makingSteps(parts, project);
  const sends = tested ? testedSends(parts, tested) : sendSteps(parts, making, project);
  const images = [...making, ...sends];
  const before = images.map(({ id }) => id);
  const others = parts.flatMap(({ node, steps }) => {
    const left = steps.filter(({ kind }) => !isMaking(kind));
    return stepsOnNode(node, left).map((step) => ({ ...step, after: [...step.after, ...before] }));
  });
  const nodes = parts.map(({ node }) => node);
  const spanned = spanning ? spanNodes(others, nodes, spanning) : others;
  const merged = [...images, ...withWaits(spanned, project)];
  checkCycles(merged);
  return merged;
}

function isMaking(kind: Step["kind"]): boolean {
  return kind === "root-image" || kind === "build-image" || kind === "tag-image";
}

/** Lets each start wait for those of other nodes that its definition names. */
function withWaits(steps: readonly Step[], project: Project): Step[] {
  const starts = steps.filter(isBringUp);
  return steps.map((step) => {
    const definition = isBringUp(step) ? definitionOf(step.host, project) : undefined;
    if (!definition) return step;
    const hosts = new Set(waitsOf(definition, project).map(definedHost));
    const elsewhere = starts.filter(({ host, node }) => node !== step.node && hosts.has(host));
    return { ...step, after: [...step.after, ...elsewhere.map(({ id }) => id)] };
  });
}

function definitionOf(host: string, { conf }: Project): InstanceDefinition | undefined {
  return conf.instances.find((one) => definedHost(one) === host);
}

function waitsOf(definition: InstanceDefinition, project: Project): InstanceDefinition[] {
  const targets = [...definition.links.map(({ target }) => target), ...definition.after];
  const needsDns =
    definition.properties.linked !== false &&
    (!definesDns(definition, project) || definesSecondary(definition));
  return project.conf.instances.filter(
    (other) =>
      other !== definition &&
      (targets.some((target) => isTarget(target, other)) ||
        (needsDns && definesDns(other, project) && !definesSecondary(other))),
  );
}

/** A circle on one node alone is an error of its own, with its places. */
function checkCycles(steps: readonly Step[]): void {
  const cycle = findCycle(steps);
  if (!cycle) return;
  const titles = new Map(steps.map(({ id, title }) => [id, title]));
  const names = cycle.map((id) => titles.get(id) ?? id);
  const message = `instances of several nodes wait for each other in a circle: ${names.join(" -> ")}`;
  const hint = "take out one of these links, or of these after";
  throw new ReynsError("INVALID_PROJECT", message, { hint });
}

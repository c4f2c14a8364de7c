import * as v from "valibot";
import { isRecord } from "../lib/is-record.ts";
import { failureActions, replacementOrders } from "../model/handover.ts";
import type { Hook } from "../model/hooks.ts";
import type { SwarmSettings } from "../model/swarm-service.ts";
import { nonEmptyString } from "../model/value-schemas.ts";
import { commandForm, duration, record, wholeNumber } from "./field-schemas.ts";

const hookForm = "a line for the shell, a list of arguments, { command, … }, or a list of these";

const parts = v.strictObject({
  command: v.pipe(commandForm, v.minLength(1, "a command")),
  user: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
  workingDir: v.optional(nonEmptyString),
  env: v.optional(record),
  privileged: v.optional(v.boolean()),
});

export const hookKeys = Object.keys(parts.entries);

const hook = v.pipe(
  v.custom<unknown>(
    (given) => typeof given === "string" || Array.isArray(given) || isRecord(given),
    hookForm,
  ),
  v.transform((given: unknown): unknown => (isRecord(given) ? given : { command: given })),
  parts,
  v.transform((given): Hook => given),
);

/** A list of texts is one command with its arguments. */
function isOne(given: unknown): boolean {
  if (!Array.isArray(given)) return true;
  return given.length > 0 && given.every((item) => typeof item === "string");
}

export const hooks = v.pipe(
  v.unknown(),
  v.transform((given): unknown => (isOne(given) ? [given] : given)),
  v.array(hook, hookForm),
);

const attribute =
  "(?:node\\.(?:id|hostname|role|ip|platform\\.(?:os|arch)|labels\\.[^\\s=!]+)|engine\\.labels\\.[^\\s=!]+)";
const constraintForm = new RegExp(`^${attribute}\\s*[=!]=\\s*[^\\s=!][^=!]*$`);
const constraintText =
  '"node.hostname==NAME", "node.role!=manager" or "node.labels.NAME==VALUE", with == or !=';
const spreadForm = new RegExp(`^${attribute}$`);

/** A text of a form, or several. */
function textsOf(form: RegExp, description: string) {
  const text = v.pipe(nonEmptyString, v.regex(form, description));
  return v.union([
    v.pipe(
      text,
      v.transform((given) => [given]),
    ),
    v.array(text),
  ]);
}

const nodeName = v.pipe(
  nonEmptyString,
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "the host name of a node"),
);

const placement = v.strictObject({
  node: v.optional(nodeName),
  constraints: v.optional(textsOf(constraintForm, constraintText), []),
  spread: v.optional(textsOf(spreadForm, '"node.labels.NAME"'), []),
  maxPerNode: v.optional(wholeNumber(1, 1000)),
});

/** Most tasks of one service. */
const mostReplicas = 1000;

const object = v.strictObject(
  {
    replicas: v.optional(wholeNumber(1, mostReplicas), 1),
    order: v.optional(v.picklist(replacementOrders), "stop-first"),
    parallelism: v.optional(wholeNumber(1, mostReplicas), 1),
    delay: v.optional(duration, 0),
    monitor: v.optional(duration, 5),
    onFailure: v.optional(v.picklist(failureActions), "rollback"),
    placement: v.optional(placement, {}),
  },
  "an object: { replicas: 2 }",
);

/** The options of a Swarm service. */
export const swarm = v.pipe(
  object,
  v.transform(({ placement: { node, maxPerNode, ...given }, ...settings }): SwarmSettings => ({
    ...settings,
    placement: {
      spread: given.spread,
      constraints: [
        ...(node === undefined ? [] : [`node.hostname==${node}`]),
        ...given.constraints,
      ],
      ...(maxPerNode === undefined ? {} : { maxPerNode }),
    },
  })),
);

/** The keys that it accepts, by the names of the options that have them. */
export const swarmKeys = {
  swarm: Object.keys(object.entries),
  "swarm.placement": Object.keys(placement.entries),
};

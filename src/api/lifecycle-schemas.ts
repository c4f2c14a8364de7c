import * as v from "valibot";
import { isRecord } from "../lib/is-record.ts";
import { failureActions, replacementOrders } from "../model/handover.ts";
import type { LinkDefinition } from "../model/project.ts";
import type { Hook } from "../model/hooks.ts";
import type { SwarmSettings } from "../model/swarm-service.ts";
import { nonEmptyString, strictObject } from "../model/value-schemas.ts";
import {
  hasOtherKeys,
  isLink,
  isRestarting,
  isTarget,
  keysLike,
  link,
  targetForm,
  targetsIn,
  toTarget,
  type RestartingTargets,
  type TargetInput,
} from "./link.ts";
import { commandForm, duration, record, wholeNumber } from "./field-schemas.ts";

const hookForm = "a line for the shell, a list of arguments, { command, … }, or a list of these";

const parts = strictObject({
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

const placement = strictObject({
  node: v.optional(nodeName),
  constraints: v.optional(textsOf(constraintForm, constraintText), []),
  spread: v.optional(textsOf(spreadForm, '"node.labels.NAME"'), []),
  maxPerNode: v.optional(wholeNumber(1, 1000)),
});

/** Most tasks of one service. */
const mostReplicas = 1000;

const object = strictObject(
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

/** A value or a list of values, each of which passes `isItem`. */
function listOf<Item, Read>(
  isItem: (item: unknown) => item is Item,
  form: string,
  read: (item: Item) => Read,
) {
  const accepted = v.custom<Item>(isItem, form);
  const item = v.pipe(
    // Where only a key is wrong, that is the mistake.
    v.lazy((given): typeof accepted => {
      const isMisspelt = isRecord(given) && hasOtherKeys(given);
      return isMisspelt ? (onlyKeys(keysLike(given)) as unknown as typeof accepted) : accepted;
    }),
    v.transform(read),
  );
  return v.pipe(
    v.unknown(),
    v.transform((given) => (Array.isArray(given) ? (given as unknown[]) : [given])),
    v.array(item),
  );
}

function onlyKeys(keys: readonly string[] = []) {
  return strictObject(Object.fromEntries(keys.map((key) => [key, v.any()])));
}

export const links = listOf(
  (item: unknown): item is LinkDefinition | TargetInput => isLink(item) || isTarget(item),
  `link(…), ${targetForm}`,
  (item) => (isLink(item) ? item : link(item)),
);
export const after = listOf(
  (item: unknown): item is TargetInput | RestartingTargets => isTarget(item) || isRestarting(item),
  `${targetForm}; { db, restart: true } also restarts it when db is replaced; it waits until a job() has succeeded`,
  (item) => ({
    targets: isRestarting(item) ? targetsIn(item) : [toTarget(item)],
    restarts: isRestarting(item) && item.restart,
  }),
);

import { basename, dirname, resolve } from "node:path";
import * as v from "valibot";
import { inside, type Place, type ReynsError } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import { checkKeys } from "../model/schema-errors.ts";
import { endpointForm, isEndpoint, type NodeDefinition } from "../model/nodes.ts";
import { namePattern, nonEmptyString, strictObject } from "../model/value-schemas.ts";
import { addError, isNonEmptyString, type NodeCall, type Recorder } from "./recorder.ts";
import { resolveDeep } from "./resolve-deep.ts";
import { hintForKey } from "./synonyms.ts";

/** What `node()` takes, and the key `nodes` of `host.conf`. */
const nodeSchema = strictObject({
  endpoint: v.pipe(v.string(endpointForm), v.check(isEndpoint, endpointForm)),
  address: v.optional(v.pipe(v.string(), v.ipv4('an IPv4 address, such as "10.0.0.11"'))),
  certificates: v.optional(nonEmptyString),
});

/** The keys of a node in `host.conf`. */
export const nodeKeys = Object.keys(nodeSchema.entries);

const usage = 'write node("NAME", "ssh://USER@HOST", { address: "10.0.0.11" })';

/** Reads the calls of `node()` at the end of the file, when all promises among their options can be awaited. */
export async function readNodeCalls(
  recorder: Recorder,
): Promise<Record<string, NodeDefinition> | undefined> {
  if (recorder.nodes.length === 0) return undefined;
  const nodes: Record<string, NodeDefinition> = {};
  for (const call of recorder.nodes) {
    const { name } = call;
    if (!hasValidName(recorder, call) || !isInMainFile(recorder, call)) continue;
    if (Object.hasOwn(nodes, name)) {
      addError(recorder, `the node "${name}" is defined twice`, "define it once", call.at);
      continue;
    }
    const node = await readCall(recorder, call);
    if (node) nodes[name] = node;
  }
  return nodes;
}

function hasValidName(recorder: Recorder, { name, at }: NodeCall): boolean {
  if (isNonEmptyString(name) && namePattern.test(name)) return true;
  const hint = `${usage}, with letters, digits, _, . and - in the name`;
  addError(recorder, `node() got the name ${JSON.stringify(name)}`, hint, inside(at, 0));
  return false;
}

/** Most commands do not run the definition: they look into this file for whether it has nodes. */
function isInMainFile(recorder: Recorder, { at }: NodeCall): boolean {
  if (at.file === recorder.file) return true;
  const hint = `call it in ${basename(recorder.file)} itself`;
  addError(recorder, "node() is called in another file", hint, at);
  return false;
}

async function readCall(
  recorder: Recorder,
  { endpoint, options, at }: NodeCall,
): Promise<NodeDefinition | undefined> {
  const given = await resolveDeep(options);
  if (!isRecord(given)) {
    addError(recorder, "the options of node() are not an object", usage, inside(at, 2));
    return undefined;
  }
  const whole = { ...given, endpoint: await resolveDeep(endpoint) };
  const { node, errors } = checkNode(whole, dirname(recorder.file), {
    placeOf: (path) => (path[0] === "endpoint" ? inside(at, 1) : inside(at, ...path)),
    keys: nodeKeys.filter((key) => key !== "endpoint"),
  });
  recorder.errors.push(...errors);
  return node && { ...node, at };
}

interface WrittenNode {
  /** The place of the value at a path. */
  readonly placeOf: (path: readonly (string | number)[]) => Place;
  /** Those that are accepted. */
  readonly keys: readonly string[];
}

/** Checks a node as it is written; folders are relative to `folder`. */
export function checkNode(
  given: Readonly<Record<string, unknown>>,
  folder: string,
  { placeOf, keys }: WrittenNode,
): { node: Omit<NodeDefinition, "at"> | undefined; errors: readonly ReynsError[] } {
  const context = { placeOf, keys: { "": keys }, hintOf: hintForKey };
  const { output, errors } = checkKeys(nodeSchema, given, context);
  if (!output) return { node: undefined, errors };
  const { certificates, ...node } = output;
  const path = certificates === undefined ? {} : { certificates: resolve(folder, certificates) };
  return { node: { ...node, ...path }, errors };
}

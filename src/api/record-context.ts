import * as v from "valibot";
import { inside, type Place } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import { checkKeys, type JsonPath } from "../model/schema-errors.ts";
import { namePattern, strictObject } from "../model/value-schemas.ts";
import { isTarget, targetForm } from "./link.ts";
import {
  addError,
  isNonEmptyString,
  noteCaller,
  trackPending,
  type DefinitionContext,
  type Recorder,
} from "./recorder.ts";

type Define = () => void | Promise<void>;

/** What holds for a conf as a whole. */
export interface ConfOptions {
  /** `"required"`: `reyns run` starts it only with a receipt of `reyns test`, and then exactly what was tested. */
  readonly receipt?: "required";
}

/** The arguments of `conf()`. */
export type ConfCall =
  | [name: string, define: Define]
  | [name: string, options: ConfOptions, define: Define];

/** Puts the instances that `define` declares into a conf, also those after an `await` in it. */
export function recordConf(
  recorder: Recorder,
  name: string,
  options: ConfOptions | Define,
  define?: Define,
): void {
  const at = noteCaller(recorder);
  const declare = typeof options === "function" ? options : define;
  if (!acceptsContext(recorder, "conf", name, declare, at)) return;
  const conf = isValidName(name) ? name : name.replaceAll(/[^\w-]+/g, "-");
  if (typeof options !== "function") recordConfOptions(recorder, conf, options, at);
  if (!recorder.confs.has(conf)) recorder.confs.set(conf, []);
  runInContext(recorder, { conf }, declare, at);
}

const confOptions = strictObject({ receipt: v.optional(v.literal("required")) });

function recordConfOptions(recorder: Recorder, conf: string, options: unknown, at: Place): void {
  if (!isRecord(options)) {
    const hint = 'accepted: conf("NAME", { receipt: "required" }, () => { … })';
    return addError(
      recorder,
      `the options of the conf "${conf}" are not an object`,
      hint,
      inside(at, 1),
    );
  }
  const placeOf = (path: JsonPath): Place => inside(at, ...path);
  const { output, errors } = checkKeys(confOptions, options, { placeOf, keys: {} });
  recorder.errors.push(...errors);
  if (output?.receipt === "required") recorder.receiptConfs.add(conf);
}

/** Puts the instances that `define` declares into a group, unless they set another one themselves. */
export function recordGroup(recorder: Recorder, name: string, define: Define): void {
  const at = noteCaller(recorder);
  if (!acceptsContext(recorder, "group", name, define, at)) return;
  runInContext(recorder, isValidName(name) ? { group: name } : {}, define, at);
}

/** Makes the instances that `define` declares start after the targets, besides their own `after`. */
export function recordAfter(recorder: Recorder, targets: unknown, define: Define): void {
  const at = noteCaller(recorder);
  const after = [targets].flat();
  if (after.length > 0 && after.every(isTarget) && typeof define === "function") {
    const outer = recorder.current.getStore()?.after ?? [];
    return runInContext(recorder, { after: [...outer, ...after] }, define, at);
  }
  const hint = `write after(db, () => { … }); the target, or each item of a list, is ${targetForm}`;
  addError(recorder, "after() needs a target and a function", hint, at);
  if (typeof define === "function") runInContext(recorder, {}, define, at);
}

/** A name that can be given as `conf=NAME` on the command line, where `.conf` at its end is dropped. */
function isValidName(name: string): boolean {
  return namePattern.test(name) && !name.endsWith(".conf");
}

/** Reports an invalid name. The definitions inside are recorded all the same: they may have mistakes of their own. */
function acceptsContext(
  recorder: Recorder,
  kind: "conf" | "group",
  name: unknown,
  define: Define | undefined,
  at: Place,
): define is Define {
  if (!isNonEmptyString(name) || typeof define !== "function") {
    const hint = `write ${kind}("NAME", () => { … })`;
    addError(recorder, `${kind}() needs a name and a function`, hint, at);
    return false;
  }
  if (isValidName(name)) return true;
  const characters = `letters, digits, - and _${kind === "conf" ? ", without .conf" : ""}`;
  const hint = `use ${characters}, as in ${kind}=NAME on the command line`;
  addError(recorder, `invalid ${kind} name "${name}"`, hint, inside(at, 0));
  return true;
}

function runInContext(
  recorder: Recorder,
  context: DefinitionContext,
  define: Define,
  at: Place,
): void {
  const outer = recorder.current.getStore();
  // `() => service("web")` returns a handle.
  const defined: unknown = recorder.current.run({ ...outer, ...context }, define);
  if (!(defined instanceof Promise)) return;
  trackPending(recorder, defined, at);
  recorder.pending.push(defined);
}

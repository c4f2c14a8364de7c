import type * as v from "valibot";
import { inside } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import { checkKeys } from "../model/schema-errors.ts";
import { namePattern } from "../model/value-schemas.ts";
import { networkKeys, networkOptions } from "./network-schemas.ts";
import { addError, isNonEmptyString, noteCaller, trackPending, type Recorder } from "./recorder.ts";
import { resolveDeep } from "./resolve-deep.ts";
import { hintForKey } from "./synonyms.ts";
import { volumeOptions } from "./volume-schemas.ts";

/** Records a volume; promises among its options are awaited at the end of the file. */
export function recordVolume(recorder: Recorder, name: string, options: unknown): void {
  recordDeclared(recorder, { kind: "volume", schema: volumeOptions, name, options });
}

/** Records a network likewise. */
export function recordNetwork(recorder: Recorder, name: string, options: unknown): void {
  recordDeclared(recorder, { kind: "network", schema: networkOptions, name, options });
}

/** A call as it is written. */
interface Declaration {
  readonly kind: "volume" | "network";
  readonly schema: typeof volumeOptions | typeof networkOptions;
  readonly name: string;
  readonly options: unknown;
}

function recordDeclared(recorder: Recorder, declaration: Declaration): void {
  const { kind, schema, name, options } = declaration;
  const at = noteCaller(recorder);
  const usage = `write ${kind}("NAME", { … }), with letters, digits, _, . and - in the name`;
  const declared: Map<string, Promise<unknown>> = recorder.declared[kind];
  if (!isNonEmptyString(name) || !namePattern.test(name)) {
    const message = `${kind}() got the name ${JSON.stringify(name)}`;
    return addError(recorder, message, usage, inside(at, 0));
  }
  if (!isRecord(options))
    return addError(recorder, `the options of ${name} are not an object`, usage, inside(at, 1));
  if (declared.has(name))
    return addError(recorder, `the ${kind} "${name}" is declared twice`, "declare it once", at);
  const context = {
    placeOf: (path: readonly (string | number)[]) => inside(at, ...path),
    keys: { "": Object.keys(schema.entries), ...(kind === "network" ? networkKeys : {}) },
    hintOf: hintForKey,
  };
  const read = resolveDeep(options).then((resolved) => {
    const { output, errors } = checkKeys<v.GenericSchema>(schema, resolved, context);
    recorder.errors.push(...errors);
    return kind === "network" && isRecord(output) ? { ...output, at } : output;
  });
  trackPending(recorder, read, at);
  declared.set(name, read);
}

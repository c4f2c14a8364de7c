import * as v from "valibot";
import { strictObject } from "../model/value-schemas.ts";
import { basename } from "node:path";
import { inside, type Place } from "../errors.ts";
import { checkKeys } from "../model/schema-errors.ts";
import { duration } from "./field-schemas.ts";
import { addError, isNonEmptyString, type Recorder } from "./recorder.ts";
import { placeOfCaller } from "./source-location.ts";
import { hintForKey } from "./synonyms.ts";
import type { DefineTest, TestFunction, TestMode } from "./tests.ts";

const usage = 'write test("NAME", async ({ exec, fetch, url, logs, $ }) => { … })';

const optionsSchema = strictObject({
  timeout: v.optional(duration),
  parallel: v.optional(v.boolean(), false),
});

/** The function `test`, which records; only `reyns test` calls the functions of tests. */
export function createDefineTest(recorder: Recorder): DefineTest {
  const recordAs =
    (mode: TestMode) =>
    (name: unknown, run: unknown, options: unknown = {}): void =>
      recordTest(recorder, mode, { name, run, options });
  return Object.assign(recordAs("run"), { skip: recordAs("skip"), only: recordAs("only") });
}

interface Given {
  readonly name: unknown;
  readonly run: unknown;
  readonly options: unknown;
}

function recordTest(recorder: Recorder, mode: TestMode, { name, run, options }: Given): void {
  const at = placeOfCaller(recorder.file);
  if (!isNonEmptyString(name)) return addError(recorder, "test() needs a name", usage, at);
  if (typeof run !== "function")
    return addError(recorder, `the test "${name}" needs a function`, usage, at);
  const first = recorder.tests.find((test) => test.name === name);
  if (first) {
    const message = `two tests have the name "${name}", the first at ${basename(first.at.file)}:${first.at.line}`;
    return addError(recorder, message, "rename one of them", at);
  }
  if (typeof options === "number") {
    const hint = `write { timeout: "${options / 1000}s" }`;
    return addError(
      recorder,
      `the options of the test "${name}" are a number`,
      hint,
      inside(at, 2),
    );
  }
  const { timeout, parallel } = checkOptions(recorder, options, at);
  recorder.tests.push({ name, run: run as TestFunction, mode, timeout, parallel, at });
}

function checkOptions(
  recorder: Recorder,
  options: unknown,
  at: Place,
): v.InferOutput<typeof optionsSchema> {
  const { output, errors } = checkKeys(optionsSchema, options, {
    placeOf: (path) => inside(at, ...path),
    keys: { "": Object.keys(optionsSchema.entries) },
    hintOf: hintForKey,
  });
  recorder.errors.push(...errors);
  return output ?? { parallel: false };
}

import { inside, type Place } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import type { VolumeDefinition } from "../model/container-spec.ts";
import { checkKeys } from "../model/schema-errors.ts";
import { namePattern } from "../model/value-schemas.ts";
import { addError, isNonEmptyString, noteCaller, trackPending, type Recorder } from "./recorder.ts";
import { resolveDeep } from "./resolve-deep.ts";
import { hintForKey } from "./synonyms.ts";
import { volumeOptions } from "./volume-schemas.ts";

const usage = 'write volume("NAME", { … }), with letters, digits, _, . and - in the name';

/** Records a volume; promises among its options are awaited at the end of the file. */
export function recordVolume(recorder: Recorder, name: string, options: unknown): void {
  const at = noteCaller(recorder);
  if (!isNonEmptyString(name) || !namePattern.test(name))
    return addError(
      recorder,
      `volume() got the name ${JSON.stringify(name)}`,
      usage,
      inside(at, 0),
    );
  if (!isRecord(options))
    return addError(recorder, `the options of ${name} are not an object`, usage, inside(at, 1));
  if (recorder.volumes.has(name))
    return addError(recorder, `the volume "${name}" is declared twice`, "declare it once", at);
  const volume = resolveDeep(options).then((resolved) => readVolume(recorder, resolved, at));
  trackPending(recorder, volume, at);
  recorder.volumes.set(name, volume);
}

function readVolume(recorder: Recorder, options: unknown, at: Place): VolumeDefinition | undefined {
  const context = {
    placeOf: (path: readonly (string | number)[]) => inside(at, ...path),
    keys: { "": Object.keys(volumeOptions.entries) },
    hintOf: hintForKey,
  };
  const { output, errors } = checkKeys(volumeOptions, options, context);
  recorder.errors.push(...errors);
  return output;
}

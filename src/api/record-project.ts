import { inside, type ReynsError } from "../errors.ts";
import { checkProjectName } from "../model/host-names.ts";
import { addError, isNonEmptyString, noteCaller, type Recorder } from "./recorder.ts";

/** Records the name that project() gives. */
export function recordProject(recorder: Recorder, name: string): void {
  const at = noteCaller(recorder);
  if ((recorder.projectName ?? name) !== name) {
    const message = `two project names: "${recorder.projectName}" and "${name}"`;
    return addError(recorder, message, "call project() once", at);
  }
  if (!isNonEmptyString(name))
    return addError(recorder, "project() needs a name", 'write project("NAME")', inside(at, 0));
  try {
    recorder.projectName = checkProjectName(name, inside(at, 0));
  } catch (error) {
    recorder.errors.push(error as ReynsError);
  }
}

import { ReynsError } from "../../../errors.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { readSourceLog } from "../../../runtime/sessions/logs.ts";

/** As many lines as of other instances that do not start. */
const shownLines = 20;

/** The error of an instance that was ready for a moment and has exited, with the end of its log. */
export async function exitedError(engine: Engine, instance: ObservedInstance): Promise<ReynsError> {
  const { host, service, exitCode } = instance;
  const output: string[] = [];
  const own = engine.fleet?.engineOf(instance.id) ?? engine;
  await readSourceLog(own, instance, { follow: false, tail: shownLines }, ({ text }) =>
    output.push(text),
  ).catch(() => {
    // Some logging drivers cannot be read.
  });
  const status = exitCode === undefined ? "" : ` (status ${exitCode})`;
  return new ReynsError("START_FAILED", `${host} became ready but has exited since${status}`, {
    hint: `its whole log: reyns logs ${service} ${instance.instance}`,
    output,
  });
}

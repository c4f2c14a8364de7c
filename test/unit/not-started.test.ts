import { expect, test } from "bun:test";
import { notStarted } from "../../src/engine/create-instance.ts";
import { ReynsError } from "../../src/errors.ts";

const layers =
  "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";

test.each([
  [
    `${layers}exec: "nosuch": executable file not found in $PATH: unknown`,
    'exec: "nosuch": executable file not found in $PATH',
    "mend its command",
  ],
  ["No command specified", "No command specified", "its image has no CMD"],
  ["something else", "something else", undefined],
])("the Engine's reason without its layers: %s", (said, reason, hint) => {
  const refused = new ReynsError("ENGINE_REFUSED", `the Docker Engine refused: ${said}`);
  const error = notStarted({ host: "web-one" }, refused) as ReynsError;
  expect(error.message).toBe(`web-one: it could not be started: ${reason}`);
  expect(error.hint?.slice(0, hint?.length)).toBe(hint);
});

import { expect, test } from "bun:test";
import { redactCall } from "../../src/cli/args/redact-call.ts";

test.each([
  ["run web one", "run web one"],
  ["do deploy password=secret", "do deploy"],
  ["do deploy --password secret", "do deploy"],
  ["shell db -- psql secret", "shell db"],
  ["run:web,instance=one,extra_args=secret", "run:web"],
  ["do:deploy,pass-word=secret", "do:deploy"],
  ["do:deploy, password=secret", "do:deploy,"],
  ["", ""],
])("the redacted form of %p is %p", (line, text) => {
  expect(redactCall(line.split(" "))).toBe(text);
});

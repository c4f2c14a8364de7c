import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const templates = join(import.meta.dir, "../../templates");
const programs = readdirSync(templates, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".conf"),
);

test.each(programs)("the program of %s writes to the log that reyns logs shows", (name) => {
  const lines = readFileSync(join(templates, name), "utf8").split("\n");
  expect(lines).toContain("redirect_stderr = true");
  expect(lines).toContain("stdout_logfile = /dev/fd/1");
  // A pipe cannot be rotated.
  expect(lines).toContain("stdout_logfile_maxbytes = 0");
});

// A command as a list runs as it is; one as a string is a line for the shell.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { detailsOf } from "./support/containers.ts";
import { execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

/** Ends with status 7 when it is told to; the Engine's own signal would give 137. */
const script = 'trap "exit 7" TERM; touch /up; while :; do sleep 0.1; done';

let shop: Project;
beforeAll(async () => {
  shop = await createProject({
    "s.sh": `#!/bin/sh\n${script}\n`,
    "reyns.ts": `import { project, ready, service } from "reyns";
project("forms");
const form = (instance, command) => service("web", {
  image: "debian:bookworm-slim", instance, command, volumes: ["./s.sh:/s.sh:ro"],
  ready: ready.file("/up"), stopGracePeriod: instance === "plain" ? 2 : 60,
});
form("list", ["/s.sh", "$HOME;"]);
form("line", "echo $((40 + 2)) > /sum; exec /s.sh");
form("plain", "/s.sh");
`,
  });
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const commandLine = (instance: string): Promise<string> =>
  execIn(shop.folder, instance, "sh", "-c", "tr '\\0' '|' < /proc/1/cmdline");

test("a list is not read by a shell, and its program gets the signals", async () => {
  expect(await commandLine("list")).toBe("/bin/sh|/s.sh|$HOME;|");
  await shop.must("stop web list");
  expect((await detailsOf(shop.folder, "list")).State.ExitCode).toBe(7);
});

test("a string is a line of the shell, whose last command gets the signals with exec", async () => {
  expect(await execIn(shop.folder, "line", "cat", "/sum")).toBe("42");
  expect(await commandLine("line")).toBe("/bin/sh|/s.sh|");
  await shop.must("stop web line");
  expect((await detailsOf(shop.folder, "line")).State.ExitCode).toBe(7);
});

test("a string without exec keeps the shell, which has no ear for the stop signal", async () => {
  expect(await commandLine("plain")).toBe("/bin/sh|-c|/s.sh|");
  await shop.must("stop web plain");
  expect((await detailsOf(shop.folder, "plain")).State.ExitCode).toBe(137);
});

// The project of test-command.test.ts, whose tests end in all ways, and what `reyns test` says and leaves.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { smallImage } from "./small-image.ts";

/** The lines of its tests are those that failures name. */
export const definition = `import { expect, job, project, ready, service, sleep, test } from "reyns";
project("tested");
const image = ${JSON.stringify(smallImage)};
const serve = "echo serving; echo hello >/tmp/index.html; exec busybox httpd -f -p 8080 -h /tmp";
const web = service("web", { image, init: true, command: serve, ready: ready.tcp(8080), ports: ["28231:8080"] });
job("smoke", { image, command: "true", after: web, test: true });
job("broken", { image, command: "echo no good; exit 3", after: web, test: true });
test("pages are served", async ({ fetch, url, logs, exec, $ }) => {
  expect(await (await fetch(web, "/index.html")).text()).toBe("hello\\n");
  expect(url("web")).toMatch(/^http:\\/\\/[\\d.]+:8080$/);
  expect(await logs("web")).toContain("serving");
  expect((await exec("web", "hostname")).stdout).toBe("web-one\\n");
  expect((await $\`echo "$REYNS_COPY"\`).stdout).toMatch(/^test-/);
});
test("check fails", async ({ exec, logs }) => {
  await exec(web, "echo seen >/proc/1/fd/1"); while (!(await logs(web)).includes("seen")) await sleep("20ms");
  expect([1, 2]).toEqual([1, 3]);
});
test("command fails", async ({ exec }) => void (await exec(web, "echo bad >&2; exit 4")));
test("nobody answers", async ({ fetch }) => void (await fetch("http://127.0.0.1:9")));
test("never ends", ({ exec }) => exec(web, "sleep 600"), { timeout: 1 });
test("is not awaited", ({ exec }) => void exec(web, "exit 5"));
test("ends the process", () => process.exit(0));
test.skip("later", () => {}); // In a project: Reyns has to list it as skipped.
`;

/** What a copy has in the project's folder. */
export function leftIn(folder: string): string[] {
  return ["copies", "tests"].flatMap((name) => {
    const path = join(folder, ".reyns", name);
    return existsSync(path) ? readdirSync(path) : [];
  });
}

/** What `test json` prints. */
export interface Report {
  readonly receipt: string | null;
  readonly tests: readonly {
    readonly name: string;
    readonly status: string;
    readonly failure?: {
      readonly message: string;
      readonly at: { readonly line: number; readonly column: number } | null;
      readonly output: readonly string[];
      readonly logs: readonly { readonly host: string; readonly lines: readonly string[] }[];
    };
  }[];
}

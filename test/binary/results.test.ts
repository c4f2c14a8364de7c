// Where results go: to a file, to a disk without space, to somebody who does not read them.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type Output } from "../engine/support/images-container.ts";
import { installation } from "./support/reyns.ts";

/** A line, some lines, and what is too long for one write. */
const calls = ["version", "help", "help run", "help man"];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reyns-results-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function shell(script: string): Promise<Output> {
  const { executable } = await installation();
  return run(["sh", "-c", `cd ${folder}; ${script.replaceAll("reyns", executable)}`]);
}

describe.each(calls)("reyns %s", (line) => {
  test("is whole in a pipe, and behind what a file has already", async () => {
    const { stdout } = await shell(`reyns ${line}`);
    expect(stdout).toEndWith("\n");
    await shell(`echo before > file; reyns ${line} >> file; echo behind >> file`);
    expect(await readFile(join(folder, "file"), "utf8")).toBe(`before\n${stdout}behind\n`);
  });

  test("fails where the disk is full, which is said", async () => {
    expect(await shell(`reyns ${line} > /dev/full`)).toEqual({
      status: 1,
      stdout: "",
      stderr: "error cannot write: the disk is full\n",
    });
  });

  test("is at its end when nobody reads any more", async () => {
    await rm(join(folder, "go"), { force: true });
    const script = `{ sh -c 'until [ -e go ]; do :; done; exec reyns ${line}'; echo "status $?" >&2; } | { exec <&-; : > go; }`;
    expect((await shell(script)).stderr).toBe("status 0\n");
  });
});

test("a short result that has grown long fails there as well", async () => {
  const source = join(import.meta.dir, "../../src/cli/print.ts");
  const call = `const { printShort } = await import("${source}"); await printShort("x".repeat(5000));`;
  const { status, stderr } = await run([
    ...["sh", "-c", `exec "$0" -e "$1" > /dev/full`],
    ...[process.execPath, call],
  ]);
  expect(status).toBe(1);
  expect(stderr).toContain("ENOSPC");
});

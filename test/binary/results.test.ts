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

/** A call whose reader has gone before it begins. */
function unread(line: string): string {
  return `rm -f go; { sh -c 'until [ -e go ]; do :; done; exec reyns ${line}'; echo "status $?" >&2; } | { exec <&-; : > go; }`;
}

describe.each(calls)("reyns %s", (line) => {
  test("is complete in a pipe, and when appended to a file", async () => {
    const { stdout } = await shell(`reyns ${line}`);
    expect(stdout).toEndWith("\n");
    await shell(`echo before > file; reyns ${line} >> file; echo behind >> file`);
    expect(await readFile(join(folder, "file"), "utf8")).toBe(`before\n${stdout}behind\n`);
  });

  test("leaves a pipe usable for the next writer", async () => {
    const both = `{ reyns ${line}; head -c 1000000 /dev/zero; echo end; } | { sleep 0.2; tail -c 4; }`;
    expect(await shell(both)).toEqual({ status: 0, stdout: "end\n", stderr: "" });
  });

  test("fails with a message when the disk is full", async () => {
    expect(await shell(`reyns ${line} > /dev/full`)).toEqual({
      status: 1,
      stdout: "",
      stderr: "error cannot write: the disk is full\n",
    });
  });

  test("ends with 0 when its reader is gone", async () => {
    expect((await shell(unread(line))).stderr).toBe("status 0\n");
  });
});

/** Runs a command with a pipe that has room for a page and does not wait, and reads so many bytes of it, slowly. */
const reader = `
  use Fcntl; pipe(R, W); fcntl(W, 1031, 4096); fcntl(W, F_SETFL, O_WRONLY | O_NONBLOCK); $| = 1;
  my $left = shift; my $pid = fork;
  if (!$pid) { close R; open(STDOUT, ">&", W); exec @ARGV }
  close W;
  while ($left > 0 and my $read = sysread(R, my $part, $left < 1000 ? $left : 1000)) {
    $left -= $read; print $part; select(undef, undef, undef, 0.001);
  }
  close R; waitpid $pid, 0; exit $? >> 8`;

test.each([5000, 1_000_000])("a slow reader gets %d bytes of it", async (bytes) => {
  const { executable } = await installation();
  const { stdout: whole } = await shell("reyns help man");
  expect(await run(["perl", "-e", reader, `${bytes}`, executable, "help", "man"])).toEqual({
    status: 0,
    stdout: whole.slice(0, bytes),
    stderr: "",
  });
});

test("an error as JSON is printed as text when the disk is full", async () => {
  const { status, stderr } = await shell("reyns nosuch json > /dev/full");
  expect(status).toBe(2);
  expect(stderr).toStartWith('error unknown command "nosuch"');
  expect(stderr).toEndWith("\nerror cannot write: the disk is full\n");
});

test("an error as JSON keeps its status when its reader is gone", async () => {
  expect((await shell(unread("nosuch json"))).stderr).toBe("status 2\n");
});

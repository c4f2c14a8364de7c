// The programs of the images, in the Perl of this machine.
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { run } from "../engine/support/images-container.ts";
import { cases } from "../support/random.ts";
import { seed } from "../support/seed.ts";

setDefaultTimeout(120_000);

const root = join(import.meta.dir, "../..");
const libraries = ["common", "dns"].map((image) => `-I${root}/images/${image}/files/usr/lib/reyns`);

const rounds = cases(400);

test("agent, keeper and reaper survive random messages, leases, zones, lists and settings, without a warning", async () => {
  const program = join(import.meta.dir, "support/images.pl");
  // It prints how often each part has accepted its input.
  const words = ["perl", ...libraries, program, String(seed), String(rounds)];
  const { status, stdout, stderr } = await run(words);
  expect({ seed, status, stdout, stderr }).toEqual({
    seed,
    status: 0,
    stdout: expect.stringMatching(/^agent=\d+ .*settings=\d+\n$/),
    stderr: "",
  });
  // Each has accepted something.
  expect(stdout).not.toMatch(/=0\b/);
});

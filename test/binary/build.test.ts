import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import { must, run } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

let mill: Project;

const meetingPlace = `mill-${crypto.randomUUID()}`;

/** Ends when the other build has got as far: they meet in a cache of BuildKit that is new with each run of this file. */
const meeting = (own: string, other: string): string => `FROM mill/base
RUN --mount=type=cache,id=${meetingPlace},target=/meet,sharing=shared date +%s%N > /from; touch /meet/${own}; for i in $(seq 600); do [ -e /meet/${other} ] && exit 0; sleep 0.1; done; exit 1
`;

beforeAll(async () => {
  mill = await createProject({
    "services/base/Dockerfile": "FROM reyns/reyns-base\nRUN date +%s%N > /base\n",
    "services/left/Dockerfile": meeting("left", "right"),
    "services/right/Dockerfile": meeting("right", "left"),
    "services/lonely/Dockerfile": "FROM reyns/reyns-base\n",
    "services/lonely/no_autobuild": "",
    "services/files/Dockerfile": "FROM reyns/reyns-base\nCOPY . /copied/\n",
    "services/files/.dockerignore": "*.log\nsecret\n!kept.log\n",
    "services/files/run": "#!/bin/sh\necho it runs\n",
    "services/files/plain.txt": "plain\n",
    "services/files/left-out.log": "no\n",
    "services/files/kept.log": "yes\n",
    "services/files/secret/key": "no\n",
    "reyns.ts": 'import { project, service } from "reyns";\nproject("mill");\n',
  });
  // A test that was cut short may have left it.
  await run(["docker", "rmi", "--force", "mill/lonely"]);
  const files = join(mill.folder, "services/files");
  await chmod(join(files, "plain.txt"), 0o640);
  await symlink("plain.txt", join(files, "link"));
}, 300_000);

afterAll(() => mill?.[Symbol.asyncDispose]());

const inImage = (image: string, ...words: string[]): Promise<string> =>
  must("docker", "run", "--rm", "--entrypoint", words[0] ?? "", image, ...words.slice(1));

const exists = async (image: string): Promise<boolean> =>
  (await run(["docker", "image", "inspect", image])).status === 0;

const idOf = (image: string): Promise<string> =>
  must("docker", "image", "inspect", "--format", "{{.Id}}", image);

test("build all builds parents first, independent images in parallel, and nothing with no_autobuild", async () => {
  const output = await mill.must("build:all");
  expect(output).toBe("4 images are built: mill/base, mill/files, mill/left, mill/right");
  const times = async (image: string): Promise<number[]> => {
    const text = await inImage(image, "cat", "/base", "/from");
    return text.split("\n").map(Number);
  };
  for (const image of ["mill/left", "mill/right"]) {
    const [parent = 0, from = 0] = await times(image);
    expect(parent).toBeLessThan(from);
  }
  expect(await exists("mill/lonely")).toBe(false);
});

test("build builds a service with no_autobuild when it is named", async () => {
  expect(await mill.must("build lonely")).toBe("mill/lonely is built");
  expect(await exists("mill/lonely")).toBe(true);
});

test("a second build changes nothing, unless cache=False", async () => {
  const before = await idOf("mill/base");
  const { stderr } = await mill.reyns("build base");
  expect(stderr).toMatch(/^✓ mill\/base up to date {2}/m);
  expect(await idOf("mill/base")).toBe(before);
  await mill.must("build:base,cache=False");
  expect(await idOf("mill/base")).not.toBe(before);
});

test("build leaves out what .dockerignore names, and sends modes and links", async () => {
  const listed = await inImage("mill/files", "find", "/copied", "-printf", "%P %M %l\n");
  expect(
    listed
      .trim()
      .split("\n")
      .toSorted()
      .map((line) => line.trim()),
  ).toEqual([
    ".dockerignore -rw-r--r--",
    "Dockerfile -rw-r--r--",
    "drwxr-xr-x",
    "kept.log -rw-r--r--",
    "link lrwxrwxrwx plain.txt",
    "plain.txt -rw-r-----",
    "run -rwxr-xr-x",
  ]);
  expect(await inImage("mill/files", "/copied/run")).toBe("it runs");
});

test("verbose prints the whole output on standard error", async () => {
  const { stdout, stderr } = await mill.reyns("build base cache=False verbose=True");
  expect(stderr).toMatch(/mill\/base \| (?:\[2\/2\]|STEP 2\/\d:) RUN date/);
  expect(stdout).toBe("mill/base is built\n");
});

describe("a failing instruction", () => {
  beforeAll(() =>
    mill.write({
      "services/broken/Dockerfile": `FROM mill/base\nRUN echo one >&2; echo two >&2; : ${meetingPlace}; exit 5\nRUN echo never\n`,
      "services/above/Dockerfile": "FROM mill/broken\n",
      "services/broken/no_autobuild": "",
      "services/above/no_autobuild": "",
    }),
  );

  test("is reported with its output and its status", async () => {
    const { status, stdout, stderr } = await mill.reyns("build above");
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("- mill/above skipped");
    expect(stderr).toMatch(
      /error services\/broken\/Dockerfile:2: building mill\/broken failed at RUN echo one/,
    );
    expect(stderr).toMatch(/ {6}\| one\n {6}\| two\n/);
    expect(stderr).toContain("it exited with status 5");
    expect(stderr).not.toContain("never");
  });

  test("leaves no container behind", async () => {
    const all = await must("docker", "ps", "-a", "--format", "{{.Command}}", "--no-trunc");
    expect(all).not.toContain(meetingPlace);
  });
});

test("run builds a missing image and no other", async () => {
  await must("docker", "rmi", "--force", "mill/lonely");
  const { status, stderr } = await mill.reyns("run lonely one");
  expect(status).toBe(0);
  expect(stderr).toContain("✓ mill/lonely built");
  expect(stderr).not.toContain("mill/base");
  const again = await mill.reyns("rerun lonely one");
  expect(again.stderr).not.toContain("built");
});

test("a Dockerfile that asks for the builder's uid and gid gets them", async () => {
  await mill.write({
    "services/own/Dockerfile":
      "FROM reyns/reyns-base\nARG BUILDING_UID\nARG BUILDING_USER\nRUN echo $BUILDING_UID $BUILDING_USER > /own\n",
  });
  await mill.must("build own");
  const uid = process.getuid?.() ?? 0;
  expect(await inImage("mill/own", "cat", "/own")).toStartWith(`${uid} `);
});

test("build reports services that build on each other in a circle", async () => {
  await mill.write({
    "services/hen/Dockerfile": "FROM mill/egg\n",
    "services/egg/Dockerfile": "FROM mill/hen\n",
  });
  const { status, stderr } = await mill.reyns("build hen");
  expect(status).toBe(2);
  expect(stderr).toContain("circle: mill/hen -> mill/egg -> mill/hen");
});

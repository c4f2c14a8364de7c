import { describe, expect, test } from "bun:test";
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buildImage, type BuildMessage } from "../../src/docker/images/build.ts";
import { readBuildStatus } from "../../src/docker/images/buildkit-status.ts";
import { readMessages } from "../../src/docker/images/messages.ts";
import { readFields } from "../../src/docker/images/protobuf.ts";
import { createBuildOutput } from "../../src/runtime/build/output.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { projectFolder } from "./support/project-folder.ts";

describe("fields of a protobuf message", () => {
  test.each([
    ["none", [], []],
    ["a number of several bytes", [0x20, 0xac, 0x02], [[4, 300]]],
    ["a number beyond 32 bits", [0x08, 0x80, 0x80, 0x80, 0x80, 0x20], [[1, 2 ** 33]]],
    ["bytes", [0x0a, 2, 104, 105], [[1, "hi"]]],
    ["a number of the field after 15", [0x82, 0x01, 1, 33], [[16, "!"]]],
    [
      "fixed width is passed over",
      [0x09, ...Array(8).fill(1), 0x15, 1, 1, 1, 1, 0x18, 1],
      [[3, 1]],
    ],
    [
      "cut off in bytes",
      [0x18, 1, 0x0a, 9, 104],
      [
        [3, 1],
        [1, "h"],
      ],
    ],
    ["cut off in a number", [0x18, 0x81], [[3, 1]]],
    ["no message at all", [0x07, 0xff, 0xff], []],
  ])("%s", (_, bytes, fields) => {
    const read = [...readFields(Uint8Array.from(bytes))].map(({ number, value }) => [
      number,
      typeof value === "number" ? value : Buffer.from(value).toString(),
    ]);
    expect(read).toEqual(fields);
  });
});

/** Of a real Engine: two stages at the same time, of which one fails and takes the other with it. */
const recorded = join(import.meta.dir, "../fixtures/buildkit/two-stages.jsonl");

test("two stages at once: the one that failed is named, with its own lines", async () => {
  const [lines, instructions]: string[][] = [[], []];
  const output = createBuildOutput({
    onLine: (line) => lines?.push(line),
    onInstruction: (text) => instructions?.push(text),
  });
  const reading = readMessages(createReadStream(recorded), ({ aux }) => {
    if (typeof aux === "string") output.take({ kind: "status", status: readBuildStatus(aux) });
  });
  const error = await reading.catch((thrown: unknown) => thrown);
  expect(error).toHaveProperty("code", "ENGINE_REFUSED");
  expect(output.failed()).toEqual({
    instruction: "RUN echo from left; sleep 1; echo again; exit 3",
    lines: ["from left", "again"],
  });
  expect(lines).toContain("from right");
  // Begun, and never brought to its end.
  expect(lines).not.toContain("hälf");
  expect(instructions?.slice(-3)).toEqual([
    "FROM docker.io/reyns-test/busybox:2",
    "RUN echo from left; sleep 1; echo again; exit 3",
    expect.stringContaining("RUN echo from right"),
  ]);
});

test("a line and a letter may come in pieces; colours are taken out", () => {
  const lines: string[] = [];
  const output = createBuildOutput({ onLine: (line) => lines.push(line), onInstruction: () => {} });
  const say = (...bytes: number[]): void => {
    const logs = [{ vertex: "sha256:1", bytes: Uint8Array.from(bytes) }];
    output.take({ kind: "status", status: { vertexes: [], logs } });
  };
  const vertex = { digest: "sha256:1", name: "[1/1] RUN x", started: true, cached: false };
  const tell = (error: string): void => {
    const vertexes = [{ ...vertex, error }];
    output.take({ kind: "status", status: { vertexes, logs: [] } });
  };
  tell("");
  say(0x1b, 0x5b);
  say(0x33, 0x31, 0x6d, 0xc3);
  say(0xa4, 0x0a, 0x0a, 0x62);
  expect(lines).toEqual(["[1/1] RUN x", "ä"]);
  tell("exit code: 1");
  expect(output.failed()).toEqual({ instruction: "RUN x", lines: ["ä", "b"] });
});

test.each([
  ["the classic builder", ["Step 1/2 : FROM a", " ---> 12", "Step 2/2 : RUN x", "out"]],
  ["Podman", ["STEP 1/2: FROM a", "STEP 2/2: RUN x", "out"]],
  ["Podman, of two stages", ["[1/2] STEP 1/2: FROM a", "--> 12", "[1/2] STEP 2/2: RUN x", "out"]],
])("lines of %s", (_, lines) => {
  const instructions: string[] = [];
  const onInstruction = (...words: (string | undefined)[]): void =>
    void instructions.push(words.join(" at "));
  const output = createBuildOutput({ onLine: () => {}, onInstruction });
  for (const line of lines) output.take({ kind: "line", line });
  expect(instructions).toEqual(["FROM a at 1/2", "RUN x at 2/2"]);
  expect(output.failed()).toEqual({ instruction: "RUN x", lines: ["out"] });
});

test.each([
  ["[4/9] RUN make", "RUN make", "4/9"],
  ["[assets 2/3] RUN make", "RUN make", "assets 2/3"],
  ["[stage-1 2/3] RUN make", "RUN make", "2/3"],
  ["[internal] load metadata for docker.io/library/debian:12", "FROM debian:12", undefined],
  ["copy /context /", "reading the files of the build", undefined],
  ["exporting to image", "exporting to image", undefined],
])("BuildKit's %s is %s, %s", (name, ...shown) => {
  const notes: unknown[] = [];
  const onInstruction = (...note: unknown[]): void => void notes.push(note);
  const output = createBuildOutput({ onLine: () => {}, onInstruction });
  const vertexes = [{ digest: "sha256:1", name, started: true, cached: false, error: "" }];
  output.take({ kind: "status", status: { vertexes, logs: [] } });
  expect(notes).toEqual([shown]);
});

interface Asked {
  readonly path: string;
  readonly query: Record<string, string>;
  readonly buildsAs: boolean;
}

/** Builds at an Engine that has no image, and writes down what it is asked. */
async function build(
  system: Record<string, string>,
  env: Record<string, string> = {},
  security: readonly string[] = [],
  isLoggedIn = false,
): Promise<{ asked: Asked[]; id: string | undefined; messages: BuildMessage[] }> {
  const auth = Buffer.from("me:secret").toString("base64");
  await using home = await projectFolder({
    "config.json": JSON.stringify(isLoggedIn ? { auths: { "registry.example": { auth } } } : {}),
  });
  const socket = join(home.folder, "engine.sock");
  const asked: Asked[] = [];
  await using _ = Bun.serve({
    unix: socket,
    fetch: async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const headers = { "Api-Version": "1.41", ...system };
      if (pathname === "/_ping") return new Response("OK", { headers });
      if (pathname === "/info") return Response.json({ SecurityOptions: security }, { headers });
      if (request.method === "GET")
        return Response.json({ message: "none" }, { status: 404, headers });
      await request.arrayBuffer();
      asked.push({
        path: pathname.replace(/^\/v1\.\d+/, ""),
        query: Object.fromEntries(searchParams),
        buildsAs: request.headers.has("X-Registry-Config"),
      });
      return new Response(pathname.endsWith("/build") ? recordedEnd : "");
    },
  });
  const engine = await openEngine({
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_CONFIG: home.folder,
    ...env,
  });
  const messages: BuildMessage[] = [];
  const options = {
    tag: "shop/web",
    dockerfile: "Dockerfile",
    arguments: {},
    labels: {},
    target: undefined,
    cache: true,
    bases: ["registry.example/own", "debian"],
    signal: new AbortController().signal,
  };
  const id = await buildImage(engine, Readable.from(["tar"]), options, (one) => messages.push(one));
  return { asked, id, messages };
}

const recordedEnd = `${readFileSync(recorded, "utf8").split("\n")[0]}\n{"id":"moby.image.id","aux":{"ID":"sha256:12"}}\n`;

describe("the builder", () => {
  const docker = { "Builder-Version": "1", OSType: "linux" };
  const podman = { ...docker, "Libpod-API-Version": "4.3.1" };
  const windows = { ...docker, OSType: "windows" };
  const newer = { ...docker, "Builder-Version": "2" };
  const withoutIt = { ...docker, "Api-Version": "1.44" };
  const mapped = ["name=seccomp,profile=default", "name=userns"];
  test.each<[string, Record<string, string>, Record<string, string>, string[], string | undefined]>(
    [
      ["BuildKit, though 20.10 would not by itself", docker, {}, [], "2"],
      ["not where it would give files to nobody", docker, {}, mapped, undefined],
      ["nor for an ordinary user", docker, {}, ["name=rootless"], undefined],
      ["a newer Engine says what it wants", newer, {}, mapped, "2"],
      ["a newer Engine says what it wants", withoutIt, {}, [], undefined],
      ["nothing said is no answer", docker, { DOCKER_BUILDKIT: "" }, [], "2"],
      ["as the caller says", docker, { DOCKER_BUILDKIT: "0" }, [], undefined],
      ["as the caller says", docker, { DOCKER_BUILDKIT: "1" }, mapped, "2"],
      ["Podman has its own", podman, {}, [], undefined],
      ["with Windows the classic one", windows, {}, [], undefined],
      ["as the caller says", windows, { DOCKER_BUILDKIT: "True" }, [], "2"],
    ],
  )("%s: %o, %o, %o", async (_, system, env, security, version) => {
    const { asked, id } = await build(system, env, security);
    expect(asked.at(-1)?.query["version"]).toBe(version as string);
    expect(asked.at(-1)?.query).not.toHaveProperty("session");
    expect(id).toBe("sha256:12");
  });

  test("BuildKit gets a session to ask for credentials, and pulls by itself", async () => {
    const { asked } = await build(docker, {}, [], true);
    expect(asked.map(({ path, buildsAs }) => [path, buildsAs])).toEqual([
      ["/session", false],
      ["/build", false],
    ]);
    expect(asked[1]?.query["session"]).toMatch(/^[\da-f-]{36}$/);
  });

  test("the classic builder is given them", async () => {
    const { asked } = await build(docker, { DOCKER_BUILDKIT: "0" }, [], true);
    expect(asked.map(({ path, buildsAs }) => [path, buildsAs])).toEqual([["/build", true]]);
  });
});

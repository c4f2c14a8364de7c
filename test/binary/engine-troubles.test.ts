import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createProject, listOwned, type Project } from "./support/project.ts";
import {
  firstOf,
  inTurn,
  openRelay,
  type Request,
  type Rules,
  type Treatment,
} from "./support/relay.ts";

setDefaultTimeout(240_000);

const image = "debian:bookworm-slim";

function sleeper(): Promise<Project> {
  return createProject({
    "reyns.ts": `import { service } from "reyns";
service("web", { image: "${image}", instance: "one", command: "sleep 999", stopSignal: "KILL" });
`,
  });
}

const calls = {
  containers: /^GET \S*\/containers\/json/,
  network: /^POST \S*\/networks\/create/,
  create: /^POST \S*\/containers\/create/,
  attach: /^POST \S*\/containers\/\w+\/attach/,
  start: /^POST \S*\/containers\/\w+\/start/,
  inspect: /^GET \S*\/containers\/\w+\/json/,
  stop: /^POST \S*\/containers\/\w+\/stop/,
  remove: /^DELETE \S*\/containers\//,
  removeNetwork: /^DELETE \S*\/networks\//,
  build: /^POST \S*\/build\?/,
};

describe("reyns repeats a call whose connection is cut, and creates nothing twice", () => {
  const runs = ["containers", "network", "create", "attach", "start", "inspect"] as const;
  const cleans = ["stop", "remove", "removeNetwork"] as const;
  const treatments: readonly Treatment[] = ["cut before", "cut after", "cut within"];

  for (const treatment of treatments) {
    test(`${treatment} the answer, once for each call`, async () => {
      await using project = await sleeper();
      const cut = (name: keyof typeof calls): Request =>
        // An attached stream is answered when it begins: what is cut then is its end.
        name === "attach" ? firstOf(calls.attach, "cut before") : firstOf(calls[name], treatment);
      await using relay = await openRelay({ request: inTurn([...runs, ...cleans].map(cut)) });
      const env = { DOCKER_HOST: relay.host };
      await project.must("run all", { env });
      expect(await listOwned(project.folder)).toHaveLength(2);
      await project.must("clean all", { env });
      expect(await listOwned(project.folder)).toEqual([]);
      const asked = (name: keyof typeof calls): number =>
        relay.requests.filter((line) => calls[name].test(line)).length;
      for (const name of [...runs, ...cleans]) {
        // What the Engine has made is found by its labels, and not made again.
        const least = name === "create" && treatment !== "cut before" ? 1 : 2;
        expect({ name, enough: asked(name) >= least }).toEqual({ name, enough: true });
      }
      expect(asked("create")).toBeLessThanOrEqual(2);
    });
  }
});

describe("reyns reports an Engine that hangs within ENGINE_TIMEOUT, and a later call goes on", () => {
  const silence = "has not answered for 1 s";

  async function hangsAt(project: Project, line: string, rules: Rules): Promise<string> {
    await using relay = await openRelay(rules);
    const env = { DOCKER_HOST: relay.host, ENGINE_TIMEOUT: "1" };
    const { status, stderr } = await project.reyns(line, { env });
    expect({ stderr, status }).toMatchObject({ status: 3 });
    return stderr;
  }

  test("at any call of a run", async () => {
    await using project = await sleeper();
    for (const name of ["containers", "network", "create", "start", "inspect"] as const) {
      const stderr = await hangsAt(project, "run all", { request: firstOf(calls[name], "hang") });
      expect({ name, stderr }).toEqual({ name, stderr: expect.stringContaining(silence) });
    }
    await project.must("run all");
    expect(await listOwned(project.folder)).toHaveLength(2);
  });

  /** Hangs from a request on; it may answer pings as before. */
  function deafFrom(pattern: RegExp, unheard = /^/): Rules {
    let begun = false;
    return {
      request: (text) => {
        begun ||= pattern.test(text);
        return begun && unheard.test(text) ? "hang" : "pass";
      },
    };
  }

  test("while it stops a container, though it answers pings", async () => {
    await using project = await sleeper();
    await project.must("run all");
    const noPing = /^(?!\S+ \S*\/_ping )/;
    for (const line of ["clean all", "stop all", "restart all"])
      expect(await hangsAt(project, line, deafFrom(calls.stop, noPing))).toContain(silence);
    expect(await hangsAt(project, "clean all", deafFrom(/^/, noPing))).toContain(silence);
    await project.must("clean all");
    expect(await listOwned(project.folder)).toEqual([]);
  });

  test("while it stops a container, and while it builds", async () => {
    await using project = await createProject({
      "services/slow/Dockerfile": `FROM ${image}\nRUN sleep 7\n`,
      "reyns.ts": `import { service } from "reyns";
service("slow", { instance: "one", command: "sleep 999", stopSignal: "TERM", stopGracePeriod: 7 });
`,
    });
    expect(await hangsAt(project, "build slow", deafFrom(calls.build))).toContain(silence);

    // What takes longer than the time, of an Engine that answers others, is only waited for.
    const env = { ENGINE_TIMEOUT: "5" };
    await project.must("build slow", { env });
    await project.must("run all");
    expect(await hangsAt(project, "stop all", deafFrom(calls.stop))).toContain(silence);
    await project.must("stop all", { env });
  });
});

test("all goes well when the Engine takes 150 ms more for each call", async () => {
  await using project = await sleeper();
  await using relay = await openRelay({ request: () => 150 });
  const env = { DOCKER_HOST: relay.host };
  await project.must("run all", { env });
  expect(await project.json("ps", { env })).toHaveLength(1);
  await project.must("clean all", { env });
  expect(await listOwned(project.folder)).toEqual([]);
});

test("an ENGINE_TIMEOUT that is no number is refused", async () => {
  await using project = await sleeper();
  const { status, stderr } = await project.reyns("ps", { env: { ENGINE_TIMEOUT: "soon" } });
  expect(stderr).toContain('ENGINE_TIMEOUT is not a number of seconds: "soon"');
  expect(status).toBe(2);
});

test("an ssh that never connects is given up", async () => {
  await using project = await sleeper();
  await project.write({ ssh: "#!/bin/sh\nexec sleep 20\n" });
  await chmod(join(project.folder, "ssh"), 0o755);
  const env = {
    PATH: `${project.folder}:${process.env["PATH"]}`,
    DOCKER_HOST: "ssh://far",
    ENGINE_TIMEOUT: "1",
  };
  // The first thing that it asks for is no list.
  const { status, stderr } = await project.reyns("__proxy 0123456789ab", { env });
  expect(status).toBe(3);
  expect(stderr).toStartWith("error the Docker Engine at ssh://far has not answered for 1 s");
});

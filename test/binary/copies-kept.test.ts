// What a copy must never do: leave the project's instances paused, or take or remove data that is not its own.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { must, temporaryFolder } from "../engine/support/images-container.ts";
import { call } from "./support/reyns.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

const named = `kept-named-${process.pid}`;
const files = {
  "services/db/Dockerfile": `FROM ${smallImage}\nRUN ["busybox", "ln", "-s", "busybox", "/bin/cp"]\n`,
  "reyns.ts": `import { project, ready, service, volume } from "reyns";
project("keptdata");
volume("named", { name: "${named}" });
service("db", { init: true, stopSignal: "SIGKILL", ready: ready.started(), volumes: ["store:/store", "named:/named"], persistentData: true });
`,
};

async function startShop(): Promise<Project> {
  const shop = await createProject(files);
  await shop.must("build all");
  await shop.must("run all yes");
  return shop;
}

function inDb(project: Project, copy: string, script: string): Promise<string> {
  return project.must(["shell", "db", `copy=${copy}`, "--", script]);
}

async function idOf(project: Project, copy: string): Promise<string> {
  const origin = copy === "main" ? project.folder : `${project.folder}//copy:${copy}`;
  const filter = ["--filter", `label=io.reyns.folder=${origin}`];
  return must("docker", "ps", "-q", ...filter, "--filter", "label=io.reyns.service=db");
}

function stateOf(id: string): Promise<string> {
  return must("docker", "inspect", "-f", "{{.State.Status}}", id);
}

function watchPause(id: string): AsyncDisposable & { readonly paused: Promise<string> } {
  const since = String(Math.floor(Date.now() / 1000));
  const filters = ["--filter", `container=${id}`, "--filter", "event=pause"];
  const words = ["docker", "events", "--since", since, ...filters];
  const events = Bun.spawn(words, { stdout: "pipe", stderr: "inherit" });
  return {
    paused: events.stdout
      .getReader()
      .read()
      .then(({ done }) => (done ? "no event" : "paused")),
    [Symbol.asyncDispose]: async () => {
      events.kill();
      await events.exited;
    },
  };
}

test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
  "%s while data is copied leaves no instance paused, and no half of a copy runs",
  async (signal) => {
    await using shop = await startShop();
    // Enough that copying takes a while.
    const fill = "i=0; while [ $i -lt 8000 ]; do i=$((i+1)); : > /store/$i; done; echo $i";
    expect(await inDb(shop, "main", fill)).toBe("8000");
    const id = await idOf(shop, "main");
    // Told by the Engine at once: it is paused for a moment only.
    await using events = watchPause(id);
    const running = await call(shop.folder, "run all copy=one from=main");
    const ended = running.output.then((output) => JSON.stringify(output));
    expect(await Promise.race([events.paused, ended])).toBe("paused");
    running.kill(signal);
    const { status, stderr } = await running.output;
    if (signal !== "SIGKILL") {
      expect(await stateOf(id)).toBe("running");
      expect([status, stderr]).toEqual([130, expect.not.stringContaining("nothing was changed")]);
    }
    const next = await shop.reyns("ps");
    expect(await stateOf(id)).toBe("running");
    if (signal === "SIGKILL") expect(next.stderr).toContain("goes on: paused by a call");
    const label = `label=io.reyns.folder=${shop.folder}//copy:one`;
    expect(await must("docker", "ps", "-aq", "--filter", label)).toBe("");

    const partly = await shop.reyns("run all copy=one");
    expect(partly.status).toBe(1);
    expect(partly.stderr).toContain("has only a part of the data of main");
    await shop.must("run all copy=one from=main");
    expect(await inDb(shop, "one", "busybox ls /store | busybox wc -l")).toBe("8000");
  },
);

test("a volume that is not the copy's is neither removed nor written to", async () => {
  await using shop = await startShop();
  await inDb(shop, "main", "echo own > /store/file; echo named > /named/file");
  await using _ = {
    [Symbol.asyncDispose]: async () => void (await must("docker", "volume", "rm", `${named}-one`)),
  };
  await must("docker", "volume", "create", `${named}-one`);
  const write = ["run", "--rm", "--entrypoint", "sh", "-v", `${named}-one:/v`, smallImage, "-c"];
  await must("docker", ...write, "echo theirs > /v/file");
  const { status, stderr } = await shop.reyns("run all copy=one from=main");
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining(`the volume ${named}-one is there`),
  ]);
  expect(await must("docker", ...write, "cat /v/file")).toBe("theirs");
  const label = `label=io.reyns.folder=${shop.folder}//copy:one`;
  expect(await must("docker", "volume", "ls", "-q", "--filter", label)).toBe("");
});

test("what is left of a copy is data of its own, also where its record is gone", async () => {
  await using shop = await startShop();
  await shop.must("run all copy=one");
  await inDb(shop, "one", "echo own > /data/file");
  await must("docker", "rm", "-f", await idOf(shop, "one"));
  rmSync(join(shop.folder, ".reyns/copies/one/copy.json"));
  const { status, stderr } = await shop.reyns("run all copy=one from=main");
  expect([status, stderr]).toEqual([2, expect.stringContaining("has data of its own")]);
  await shop.must("run all copy=one");
  expect(await inDb(shop, "one", "cat /data/file")).toBe("own");
});

test("of two checkouts with one DATA_DIR, neither removes the data of the other one's copy", async () => {
  await using data = await temporaryFolder();
  const env = { DATA_DIR: data.path };
  await using first = await startShop();
  await using second = await createProject({
    ...files,
    "reyns.ts": files["reyns.ts"].replace(named, `${named}-second`),
  });
  await first.must("run all copy=demo", { env });
  await first.must(["shell", "db", "copy=demo", "--", "echo first > /data/file"], { env });
  await second.must("build all");
  await second.must("run all yes");
  const refused = await second.reyns("run all copy=demo from=main", { env });
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain("holds the data of another project");
  await second.reyns("clean all copy=demo force", { env });
  expect(existsSync(join(data.path, ".copies/demo/db-one/data/file"))).toBe(true);
  await first.must("clean all copy=demo force", { env });
  expect(existsSync(join(data.path, ".copies/demo"))).toBe(false);
});

test("a copy that cannot be removed as a whole stays listed, and data=false keeps its data", async () => {
  await using shop = await startShop();
  await shop.must("run all copy=one");
  await inDb(shop, "one", "echo kept > /store/file");
  await shop.must("clean all copy=one data=false force");
  const { stderr: hint } = await shop.reyns("ps copy=one");
  expect(hint).toContain("reyns run all copy=one");
  await shop.must("run all copy=one");
  expect(await inDb(shop, "one", "cat /store/file")).toBe("kept");

  const user = await must("docker", "create", "-v", `${named}-one:/v`, smallImage);
  const { stderr } = await shop.reyns("clean all copy=one force");
  expect(stderr).toContain(`left of the copy one: volume ${named}-one`);
  expect(stderr).not.toContain("removed the copy");
  expect((await shop.json("copies")) as unknown[]).toMatchObject([{ name: "one" }]);
  await must("docker", "rm", user);
  expect((await shop.reyns("clean all copy=one force")).stderr).toContain("removed the copy one");
});

test("what lies in the folder of no copy is removed after a question alone, or with force", async () => {
  await using shop = await startShop();
  const prepared = join(shop.folder, ".reyns/copies/three/host.conf");
  await shop.write({ ".reyns/copies/three/host.conf": "{}" });
  const asked = await shop.reyns("clean all copy=three");
  expect(asked.stderr).toContain("Remove it with host.conf?");
  expect(asked.status).not.toBe(0);
  expect(existsSync(prepared)).toBe(true);
  const { stderr } = await shop.reyns("clean all copy=three force");
  expect(stderr).toContain("there is no copy three");
  expect(existsSync(join(shop.folder, ".reyns/copies/three"))).toBe(false);
});

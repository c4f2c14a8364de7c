import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createDemo, createProject, listOwned } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";
import { call } from "./support/reyns.ts";

setDefaultTimeout(240_000);

test("a call ends with 0 to 4, or with the status of the command that it ran", async () => {
  await using demo = await createDemo();
  const statuses: readonly [number, string, Readonly<Record<string, string>>?][] = [
    [0, "build demo"],
    [0, "plan all"],
    [4, "plan all exit_code"],
    [0, "run all"],
    [0, "run all"],
    [0, "plan all exit_code"],
    [0, "stop demo one"],
    [4, "plan all exit_code"],
    [1, "getip demo one"],
    [2, "run demmo"],
    [2, "ps al"],
    [2, "pss"],
    [2, "clean all"],
    [3, "ps", { DOCKER_HOST: "unix:///nowhere.sock" }],
    [3, "run all", { DOCKER_HOST: "tcp://127.0.0.1:1" }],
    [0, "ssh demo two command=true"],
    [7, "ssh demo two command=exit${IFS}7"],
    [9, "ssh:demo,instance=two,command=exit${IFS}9"],
    [42, "shell demo two command=exit${IFS}42"],
    [127, "shell demo two -- no-such-command"],
    [3, "ssh demo two -- exit 3"],
    [5, "ssh demo two capture=true command=exit${IFS}5"],
    [0, "run demo deps=false -- true"],
    [127, "run demo deps=false -- no-such-command"],
  ];
  for (const [status, line, env = {}] of statuses) {
    const output = await demo.reyns(line, { env });
    expect({ line, status: output.status, ...(output.status === status ? {} : output) }).toEqual({
      line,
      status,
    });
  }
});

describe("a call ends with 130 on Ctrl-C", () => {
  const slow = { "services/slow/Dockerfile": "FROM reyns/reyns-base\nCOPY *.sh /prestartup/\n" };

  test("a start that is interrupted names the instance that it started", async () => {
    await using project = await createProject({
      ...slow,
      "services/slow/prestartup_slow.sh": "#!/bin/sh\nexec sleep 600\n",
      "reyns.ts": 'import { service } from "reyns";\nservice("slow", { instance: "one" });\n',
    });
    await project.must("build all");
    const { output, interrupt } = await call(project.folder, "run all");
    await until("the start", async () => (await containerIds(project.folder)).length > 0);
    await until("its process", async () => (await project.must("ps")).includes("running"));
    interrupt();
    const { status, stderr } = await output;
    expect(stderr).toContain("interrupted: slow-one started, but may not be ready yet");
    expect(status).toBe(130);
    // The container and the network, both with the project's labels.
    expect(await listOwned(project.folder)).toHaveLength(2);
  });

  test("a clean that is interrupted does not wait for an instance that ignores signals, and names it", async () => {
    await using project = await createProject({
      "reyns.ts": `import { ready, service } from "reyns";
service("deaf", { instance: "one", image: "debian:bookworm-slim", command: ["sleep", "600"], stopGracePeriod: 600, ready: ready.file("/etc/hostname") });
`,
    });
    await project.must("run all");
    const [id = "none"] = await containerIds(project.folder);
    await using relay = await openRelay();
    const env = { DOCKER_HOST: relay.host };
    const { output, interrupt } = await call(project.folder, "clean all", { env });
    await until("the stop", async () => relay.requests.some((line) => line.includes("/stop")));
    interrupt();
    const { status, stderr } = await output;
    expect(stderr).toContain("error interrupted\n      not removed: deaf-one\n");
    expect(status).toBe(130);
    // The Engine itself still waits for it to stop.
    await must("docker", "kill", id);
    await project.must("clean all");
    expect(await listOwned(project.folder)).toEqual([]);
  });

  test("a build that is interrupted does not go on", async () => {
    await using project = await createProject({
      "services/slow/Dockerfile": `FROM reyns/reyns-base\nRUN sleep ${nap}\n`,
      "reyns.ts": 'import { service } from "reyns";\nservice("slow", { instance: "one" });\n',
    });
    const { output, interrupt } = await call(project.folder, "run all");
    await until("the build", napping);
    interrupt();
    const { status, stderr } = await output;
    expect(stderr).toContain("interrupted");
    expect(status).toBe(130);
    await until("the end of the build", async () => !(await napping()));
    expect((await listOwned(project.folder)).length).toBeLessThanOrEqual(1);
  });
});

/** Seconds that no other process of this machine sleeps. */
const nap = 200_000 + process.pid;

/** The instruction of the build runs. */
async function napping(): Promise<boolean> {
  return (await must("ps", "-eo", "args")).split("\n").includes(`sleep ${nap}`);
}

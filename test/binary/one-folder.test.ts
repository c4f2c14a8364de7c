import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { createOwnDemo, type Project } from "./support/project.ts";
import { type SshServer, startSshd } from "./support/sshd.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

/** The calls that docs/nodes.md shows for one folder: variables, and the words after "reyns". */
async function documented(): Promise<{ env: Record<string, string>; line: string }[]> {
  const manual = await Bun.file(join(import.meta.dir, "../../docs/nodes.md")).text();
  const calls = [...manual.matchAll(/^laptop\$ ((?:\w+=\S+ )+)reyns (.*)$/gm)];
  return calls.map(([, variables = "", line = ""]) => ({
    env: Object.fromEntries(
      variables
        .trim()
        .split(" ")
        .map((word) => word.split("=") as [string, string]),
    ),
    line,
  }));
}

describe.skipIf(reason !== undefined)(`one folder for all machines${reason ?? ""}`, () => {
  let demo: Project;
  let nodes: Nodes<"master" | "node1">;
  let sshd: SshServer;

  beforeAll(async () => {
    demo = await createOwnDemo();
    await demo.must("init");
    nodes = await startNodes(["master", "node1"], {
      images: ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"],
      project: demo.folder,
    });
    sshd = await startSshd();
  }, 300_000);

  afterAll(async () => {
    await sshd?.[Symbol.asyncDispose]();
    await nodes?.[Symbol.asyncDispose]();
    await demo?.[Symbol.asyncDispose]();
  }, 300_000);

  /** The environment of a call to an Engine that ssh knows by another name here. */
  function throughSsh(env: Readonly<Record<string, string>>): Record<string, string> | undefined {
    const name = env["DOCKER_HOST"]?.replace("ssh://", "");
    if (name !== "master" && name !== "node1") return undefined;
    const host = nodes.node[name].env["DOCKER_HOST"]?.replace("unix://", "ssh://far") ?? "";
    return { ...env, ...sshd.env, DOCKER_HOST: host };
  }

  test("each machine gets its group through ssh, with the keys of the folder", async () => {
    const calls = await documented();
    expect(calls.map(({ line }) => line.split(" ")[0])).toEqual(["run", "run", "run", "ps"]);
    for (const { env, line } of calls) {
      const far = throughSsh(env);
      if (!far) continue;
      const { status, stderr } = await demo.reyns(line, { env: far });
      expect({ line, status, stderr }).toMatchObject({ status: 0 });
    }
    const names = await demo.must("dns", {
      env: throughSsh({ DOCKER_HOST: "ssh://master" }) ?? {},
    });
    expect(names).toMatch(/^demo-onenode1 +192\.168\.77\.2 /m);
  });

  test("doctor leaves the addresses and ports of this machine alone", async () => {
    const env = throughSsh({ DOCKER_HOST: "ssh://node1" }) ?? {};
    const { stdout } = await demo.reyns("doctor", { env: { ...env, ENGINE_TIMEOUT: "30" } });
    expect(stdout).not.toMatch(/for SERVICE_IP|port 53/);
  });

  test("a machine on which build was forgotten is named by its next run", async () => {
    const on = (name: string): { env: Record<string, string> } => ({
      env: {
        ...throughSsh({ DOCKER_HOST: `ssh://${name}` }),
        ...{ SERVICE_IP: "192.168.77.2", DNS_SERVICE_IP: "192.168.77.1" },
      },
    });
    for (const name of ["master", "node1"]) await demo.must("build demo", on(name));
    await appendFile(join(demo.folder, "services/demo/Dockerfile"), "LABEL version=2\n");
    await demo.must("build demo", on("master"));
    const plan = "plan group=node1 conf=default-multinode";
    const { stderr } = await demo.reyns(plan, on("node1"));
    expect(stderr).toContain("./services/demo has changed since the image of demo was built");
    await demo.must("build demo", on("node1"));
    expect((await demo.reyns(plan, on("node1"))).stderr).not.toContain("has changed since");
  });

  test("rerun needs no address of the DNS again", async () => {
    const env = throughSsh({ DOCKER_HOST: "ssh://node1", SERVICE_IP: "192.168.77.2" }) ?? {};
    await demo.must("rerun all", { env });
  });
});

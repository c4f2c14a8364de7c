import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must, temporaryFolder, until } from "../engine/support/images-container.ts";
import { type NodeLogins, startNodeSshd, withEnvironment } from "./support/node-ssh.ts";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { createProject, type Project } from "./support/project.ts";
import { call as begin } from "./support/reyns.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

const definition = `import { dns, group, link, node, service } from "reyns";
node("first", "unix://SOCKET", { address: "192.168.77.1" });
node("second", "ssh://root@192.168.77.2");
const [ns, web] = [{ service: "reyns-dns", instance: "main" }, { service: "web", instance: "one" }];
group("second", () => {
  service("shell", { links: [link(ns, "dns"), link(web, "page")] });
  const command = ["sh", "-c", "echo hello; exec sleep 1000"];
  service("talk", { image: "reyns/reyns-base", command, stopSignal: "SIGKILL", after: web, volumes: { kept: "/kept" } });
});
group("first", () => {
  dns({ secondary: false });
  service("web", { image: "reyns/reyns-base", links: [link(ns, "dns")] });
});
`;

/** The Engine's own client on a node. */
async function on({ env }: Node, ...words: readonly string[]): Promise<string> {
  return must("docker", "--host", env["DOCKER_HOST"] ?? "", ...words);
}

function idsOfImage(node: Node): Promise<string> {
  return on(node, "images", "-q", "--no-trunc", "*/shell:latest");
}

describe.skipIf(reason !== undefined)(`node()${reason ? `: ${reason}` : ""}`, () => {
  let project: Project;
  let nodes: Nodes<"first" | "second">;
  let first: Node;
  let second: Node;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sshd: NodeLogins;

  beforeAll(async () => {
    project = await createProject({
      "reyns.ts": "",
      "services/shell/Dockerfile": "FROM reyns/reyns-base\nRUN echo 1 > /version\n",
    });
    await project.must("init");
    nodes = await startNodes(["first", "second"], {
      images: ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"],
      project: project.folder,
    });
    folder = await temporaryFolder();
    sshd = await startNodeSshd([nodes.node.second], folder.path);
    first = withEnvironment(nodes.node.first, sshd.env);
    ({ second } = nodes.node);
    const socket = first.env["DOCKER_HOST"]?.replace("unix://", "") ?? "";
    await writeFile(join(first.folder, "reyns.ts"), definition.replace("SOCKET", socket));
  }, 300_000);

  afterAll(async () => {
    await sshd?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await nodes?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
  }, 300_000);

  /** What a call asks of the Engines, without what differs each time: a lock is renewed as long as a call takes. */
  const requestsOf = async (line: string): Promise<string[]> => {
    const trace = join(folder.path, "trace.json");
    await first.must(line, { env: { REYNS_TRACE: trace } });
    const { traceEvents } = JSON.parse(await readFile(trace, "utf8")) as {
      readonly traceEvents: readonly {
        readonly name: string;
        readonly args: { readonly path?: string };
      }[];
    };
    const isOfLock = ({ name, args: { path = "" } }: (typeof traceEvents)[number]): boolean =>
      name === "POST /volumes/create" || /reyns-lock-|role=lock/.test(decodeURIComponent(path));
    return traceEvents
      .filter((event) => /^(?:GET|HEAD|POST|PUT|DELETE) /.test(event.name) && !isOfLock(event))
      .map(({ name }) => name.replaceAll(/[\da-f]{12,}/g, "*"));
  };

  /** What was called in vain may fail once more: the kernel is still asking for the address. */
  const reconnect = async (): Promise<void> => {
    await second.setLink("up");
    await until("the second machine", async () => (await first.reyns("nodes")).status === 0);
  };

  test("nodes asks the Engine of each", async () => {
    const states = JSON.parse(await first.must("nodes json")) as Record<string, unknown>[];
    expect(states).toMatchObject([
      { name: "first", address: "192.168.77.1", reachable: true, os: "linux", running: 0 },
      { name: "second", address: "192.168.77.2", reachable: true, os: "linux", running: 0 },
    ]);
    // It is one clock.
    expect(states.map(({ clockDifference }) => clockDifference)).toEqual([0, 0]);
    expect(await first.must("nodes")).toMatch(/^second +ready +192\.168\.77\.2 +ssh:/m);
  });

  test("a run refuses where a machine is off, before anything changes", async () => {
    await second.setLink("down");
    const { status, stderr } = await first.reyns("run all");
    await reconnect();
    expect(status).toBe(3);
    expect(stderr).toContain("error second: ");
    expect(stderr).toContain("partial=true");
    for (const node of [first, second]) expect(await on(node, "ps", "-aq")).toBe("");
  });

  test("plan shows what happens on which machine", async () => {
    const plan = await first.must("plan");
    expect(plan).toMatch(/^\+ create +second: shell-one /m);
    expect(plan).toMatch(/^\+ build +first: \S+\/shell /m);
    expect(plan).toMatch(/^\+ send +second: \S+\/shell /m);
  });

  test("a run starts all machines' instances, asks for no address, and names resolve across", async () => {
    const { status, stderr } = await first.reyns("run all");
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    const order = ["first: reyns-dns-main ready", "first: web-one ready", "second: talk-one ready"];
    const places = order.map((line) => stderr.indexOf(line));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places).not.toContain(-1);
    const names = "getent hosts web-one.local.zone page; cat /version";
    const found = await first.must(["shell", "shell", "--", names]);
    expect(found).toBe(
      [`${first.address}    web-one.local.zone`, `${first.address}    page`, "1"].join("\n"),
    );
    expect(await idsOfImage(first)).toBe(await idsOfImage(second));
    const before = await Promise.all([first, second].map((node) => on(node, "ps", "-aq")));
    const again = await first.reyns("run all");
    expect(again.stderr).toContain("up to date: reyns-dns-main, web-one, shell-one, talk-one\n");
    const after = await Promise.all([first, second].map((node) => on(node, "ps", "-aq")));
    expect(after).toEqual(before);
    expect(await first.must("plan")).toBe("Nothing to do: 4 unchanged");
  });

  test("all machines together are asked no more than one after another", async () => {
    const all = await requestsOf("run all");
    const alone = [
      ...(await requestsOf("run all node=first")),
      ...(await requestsOf("run all node=second")),
    ];
    expect(alone).toEqual(expect.arrayContaining(all));
    expect(all.length).toBeLessThanOrEqual(alone.length);
  });

  test("a new image is built once, sent, and used", async () => {
    const file = join(first.folder, "services/shell/Dockerfile");
    await writeFile(file, "FROM reyns/reyns-base\nRUN echo 2 > /version\n");
    const { status, stderr } = await first.reyns("run all build=true");
    expect(status).toBe(0);
    expect(stderr).toMatch(/second: \S+\/shell sent [\d.]+ kB, 1 of \d+ layers, from first /);
    expect(await first.must(["shell", "shell", "--", "cat /version"])).toBe("2");
    expect((await first.reyns("rerun shell")).stderr).toContain("second: shell-one ready");
    expect(await idsOfImage(first)).toBe(await idsOfImage(second));
  });

  test("build sends what the other machine runs, and rollback goes back there", async () => {
    const file = join(first.folder, "services/shell/Dockerfile");
    await writeFile(file, "FROM reyns/reyns-base\nRUN echo 3 > /version\n");
    const { stderr } = await first.reyns("build all");
    expect(stderr).toMatch(/first: \S+\/shell built/);
    expect(stderr).toMatch(/second: \S+\/shell sent /);
    expect(await idsOfImage(first)).toBe(await idsOfImage(second));
    await first.must("run all");
    expect(await first.must(["shell", "shell", "--", "cat /version"])).toBe("3");
    expect((await first.reyns("rollback shell")).stderr).toContain("second: shell-one ready");
    expect(await first.must(["shell", "shell", "--", "cat /version"])).toBe("2");
    await first.must("run all");
    expect(await first.must(["shell", "shell", "--", "cat /version"])).toBe("3");
  });

  test("nothing is built without the first machine, and its images stay the project's", async () => {
    const [dockerfile, hostConf] = ["services/shell/Dockerfile", "host.conf"].map((name) =>
      join(first.folder, name),
    ) as [string, string];
    const kept = await Promise.all(
      [dockerfile, hostConf].map((path) =>
        Bun.file(path)
          .text()
          .catch(() => "{}"),
      ),
    );
    const before = await idsOfImage(second);
    const away = { endpoint: "unix:///nowhere/docker.sock", address: first.address };
    await writeFile(
      hostConf,
      JSON.stringify({ ...JSON.parse(kept[1] ?? ""), nodes: { first: away } }),
    );
    await writeFile(dockerfile, "FROM reyns/reyns-base\nRUN echo other > /version\n");
    for (const call of ["run all build=true", "build all"]) {
      for (const without of ["partial=true", "node=second"]) {
        const { status, stderr } = await first.reyns(`${call} ${without}`);
        expect(status).not.toBe(0);
        expect(stderr).toContain("without first: only the first node builds and pushes");
      }
    }
    expect((await first.reyns("run all partial=true")).stderr).toContain("up to date: shell-one");
    expect((await first.reyns("doctor")).stdout).not.toMatch(/second: images|not the same image/);
    await writeFile(dockerfile, kept[0] ?? "");
    await writeFile(hostConf, kept[1] ?? "");
    expect(await idsOfImage(second)).toBe(before);
    const { stderr } = await first.reyns("run all");
    expect(stderr).toContain("up to date: reyns-dns-main, web-one, shell-one, talk-one");
  });

  test("doctor looks at all machines, and names an image that is another one there", async () => {
    const name = await on(
      second,
      "images",
      "--format",
      "{{.Repository}}:{{.Tag}}",
      "*/shell:latest",
    );
    await on(second, "tag", "reyns/reyns-base", name);
    const found = await first.reyns("doctor");
    expect(found.stdout).toMatch(
      /^! images +\S+\/shell is not the same image on first and second$/m,
    );
    expect(found.stdout).toMatch(/^\S second: engine +Docker /m);
    await first.must("build all");
    expect((await first.reyns("doctor")).stdout).not.toContain("is not the same image");
  });

  test("commands about instances act on all machines, or on those that are named", async () => {
    const listed = JSON.parse(await first.must("ps json")) as { service: string; node: string }[];
    expect(listed.map(({ service, node }) => `${service} on ${node}`)).toEqual([
      ...["reyns-dns on first", "shell on second", "talk on second", "web on first"],
    ]);
    expect(await first.must("ps")).toMatch(/^shell +one +second +running /m);
    expect(await first.must("ps node=second")).not.toContain("web");
    expect((await first.must("stats")).match(/^\S+ +(?:first|second) /gm)).toHaveLength(4);
    expect(await first.must("status")).toContain("shell-one\n");
    expect(await first.must(["shell", "shell", "--", "hostname"])).toBe("shell-one");
    expect(await first.must(["ssh", "shell", "--", "hostname"])).toBe("shell-one");
    await first.must("cp reyns.ts shell:/tmp/copied");
    expect(await first.must(["shell", "shell", "--", "head -c 6 /tmp/copied"])).toBe("import");
    expect(await first.must("logs all tail=5")).toMatch(/^talk-one +\| hello$/m);
    await first.must("kill shell signal=CONT");
    expect(await first.must("info shell")).toMatch(/^node +second$/m);
  });

  test("what works on one Engine is refused before anything changes", async () => {
    const calls = { "test copy=demo": "test", "plan out=x.plan": "out=" };
    for (const [call, what] of Object.entries(calls)) {
      const { status, stderr } = await first.reyns(call);
      expect(status).not.toBe(0);
      expect(stderr).toContain(`${what} works on one Engine`);
    }
  });

  test("one more instance starts on the only machine that has its service, and is replaced there", async () => {
    await first.must("run web three new=true");
    await first.must("rerun web three");
    const listed = JSON.parse(await first.must("ps web json")) as Record<string, unknown>[];
    expect(listed.map(({ instance, node }) => [instance, node])).toEqual([
      ["one", "first"],
      ["three", "first"],
    ]);
    await first.must("clean web three");
    for (const call of ["run web four new=true node=second", "run web node=second"]) {
      const { status, stderr } = await first.reyns(call);
      expect(status).not.toBe(0);
      expect(stderr).toContain("web is on none of the machines of this call: second");
      expect(stderr).toContain("it belongs on first");
    }
  });

  test("logs follow an instance of another machine over its restart", async () => {
    const options = { inside: first.inside, env: { ...first.env, ...sshd.env } };
    const following = await begin(first.folder, "logs talk follow", options);
    await until("a line", async () => following.written().includes("hello"));
    await first.must("restart talk");
    await first.must("stop talk");
    const { status, stdout } = await following.output;
    expect(status).toBe(0);
    expect(stdout.match(/hello/g)).toHaveLength(2);
  });

  test("start and stop act on each machine", async () => {
    await first.must("start all");
    const { stderr } = await first.reyns("stop all");
    expect(stderr).toContain("second: shell-one stopped");
    expect(await first.must("ps")).toBe("");
    expect((await first.reyns("start web node=second")).stderr).toContain('no instance of "web"');
    await first.must("start all");
    const isFound = async (): Promise<boolean> =>
      (await first.reyns("dns talk-one")).stdout.includes(second.address);
    await until("its name", isFound);
  });

  test("a machine that is off is named before anything changes; partial goes on without it", async () => {
    await second.setLink("down");
    const refused = await first.reyns("stop all");
    const signalled = await first.reyns("kill web signal=CONT");
    const planned = await first.reyns("plan");
    const listed = await first.reyns("ps");
    const partial = await first.reyns("stop web partial=true");
    const run = await first.reyns("run all partial=true");
    await reconnect();
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain("error second: ");
    expect(refused.stderr).toContain("partial=true");
    expect(signalled.status).toBe(3);
    expect(signalled.stderr).toContain("partial=true");
    expect(planned.status).toBe(1);
    expect(planned.stderr).toContain("warning second: ");
    expect(listed.status).toBe(1);
    expect(listed.stdout).toMatch(/^web +one +first +running/m);
    expect(listed.stderr).toContain("warning second: ");
    expect(partial.status).toBe(1);
    expect(partial.stderr).toContain("first: web-one stopped");
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("first: web-one ready");
    await first.must("start all");
  });

  test("clean removes everything from all machines", async () => {
    expect(await first.must("volumes")).toMatch(/^kept +second +talk-one /m);
    expect((await first.reyns("volumes remove kept")).stderr).toContain("talk-one uses the volume");
    await first.must("clean all force=true");
    expect(JSON.parse(await first.must("volumes remove unused=true yes=true json"))).toHaveLength(
      1,
    );
    expect(await first.must("volumes")).toBe("");
    for (const node of [first, second]) {
      expect(await on(node, "ps", "-aq")).toBe("");
      expect(await on(node, "network", "ls", "-q", "--filter", "label=io.reyns.folder")).toBe("");
    }
  });

  test("the same call ends what killed ones have begun, and nothing is there twice", async () => {
    const file = join(first.folder, "services/shell/Dockerfile");
    const steps = "RUN head -c 20000000 /dev/urandom > /large\nRUN sleep 3 && echo 4 > /version\n";
    await writeFile(file, `FROM reyns/reyns-base\n${steps}`);
    const options = { inside: first.inside, env: { ...first.env, ...sshd.env } };
    const moments = [/shell building/, /shell built/, /reyns-dns-main ready/, /web-one ready/];
    for (const moment of moments) {
      const going = await begin(first.folder, "run all build=true", options);
      await until(String(moment), async () => moment.test(going.written()));
      going.kill("SIGKILL");
      await going.output;
    }
    await first.must("run all build=true");
    expect(await first.must(["shell", "shell", "--", "cat /version"])).toBe("4");
    expect(await idsOfImage(first)).toBe(await idsOfImage(second));
    const format = '{{.State}} {{.Label "io.reyns.service"}} {{.Label "io.reyns.instance"}}';
    const lists = [first, second].map((node) => on(node, "ps", "-a", "--format", format));
    const [here = [], there = []] = (await Promise.all(lists)).map((list) => list.split("\n"));
    expect(here).toEqual(expect.arrayContaining(["running reyns-dns main", "running web one"]));
    expect(there).toEqual(expect.arrayContaining(["running shell one", "running talk one"]));
    for (const list of [here, there]) expect(list).toEqual([...new Set(list)]);
    // It mounts the layers that are sent.
    expect(await on(first, "ps", "-aq", "--filter", "name=reyns-source-")).toBe("");
    await first.must("clean all force=true");
  });

  test("nodes names a machine that is off, beside what the others answer", async () => {
    await second.setLink("down");
    const { status, stdout, stderr } = await first.reyns("nodes");
    await reconnect();
    expect(status).toBe(1);
    expect(stdout).toMatch(/^first +ready/m);
    expect(stdout).toMatch(/^second +unreachable/m);
    expect(stderr).toContain(`second: `);
    expect(stderr).toContain("ssh://root@192.168.77.2");
  });
});

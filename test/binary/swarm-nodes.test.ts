import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { run, until } from "../engine/support/images-container.ts";
import { findingsIn } from "./support/doctor.ts";
import { addressesIn, define, enginePort, on, startMachines } from "./support/machines.ts";
import { type Node, type Nodes, whyNoNodes } from "./support/nodes.ts";
import {
  listService,
  type Listed,
  swarmObjects,
  tasksOn,
  untilNoOverlay,
  untilTasks,
} from "./support/swarm.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

const swarm = 'swarm: { replicas: 2, monitor: "0.5s", parallelism: 2 }';

/** @param api the options of the service, and where it is */
const definition = (
  api: string,
): string => `import { dns, group, network, node, required, service } from "reyns";
node("one", "unix://SOCKET", { address: "192.168.77.1" });
node("two", "tcp://192.168.77.2:${enginePort}");
network("overlay");
group("one", () => dns());
group("two", () => service("web", { image: "reyns/reyns-base", stopSignal: "SIGKILL" }));
${api}
`;
const service = (options: string): string =>
  `service("api", { stopSignal: "SIGKILL", env: { SETTING: "1" }, ${options} });`;

describe.skipIf(reason !== undefined)(
  `Swarm services on nodes${reason ? `: ${reason}` : ""}`,
  () => {
    let nodes: Nodes<"one" | "two">;
    let one: Node;
    let two: Node;

    const write = (api: string): Promise<void> => define(one, definition(api));
    const listed = (): Promise<Listed[]> => listService(one, "api");
    const runs = (tasks: number): Promise<void> => untilTasks(one, "api", { tasks });
    /** What a name resolves to on the other machine than the DNS's. */
    const addressesOf = async (name: string): Promise<string[]> => {
      const { stdout } = await one.reyns(["shell", "web", "one", "--", "getent", "ahostsv4", name]);
      return addressesIn(stdout).toSorted();
    };

    beforeAll(async () => {
      const dockerfile = "FROM reyns/reyns-base\nRUN echo built > /built\n";
      nodes = await startMachines(["one", "two"], {
        files: { "services/api/Dockerfile": dockerfile },
        isOnTcp: true,
      });
      ({ one, two } = nodes.node);
    }, 300_000);

    afterAll(() => nodes?.[Symbol.asyncDispose](), 300_000);

    /** What doctor says of the swarm. */
    const doctorOf = async (
      words = "",
    ): Promise<readonly [string, string | null, string, string | null][]> => {
      const { stdout } = await one.reyns(`doctor json ${words}`.trim());
      return findingsIn(stdout)
        .filter(({ check }) => check === "swarm")
        .map(({ state, node = null, message, remedy }) => [state, node, message, remedy] as const);
    };

    test("are refused at their place while the machines are in no swarm", async () => {
      await write(service(swarm));
      expect(await doctorOf()).toEqual([
        [
          ...(["bad", null] as const),
          'one, two: in no Docker Swarm, over which network("overlay") goes',
          "make one of all machines: reyns nodes join",
        ],
      ]);
      const { status, stderr } = await one.reyns("run all");
      expect(status).toBe(2);
      expect(stderr).toMatch(
        /reyns\.ts:\d+:\d+: api-one is a Swarm service, and no machine of this/,
      );
      expect(stderr).toContain("reyns nodes join");
      expect(await on(one, "ps", "--all", "--quiet")).toBe("");
    });

    test("are planned once, on a manager, with what containers elsewhere run", async () => {
      await one.must("nodes join yes=true");
      for (const words of ["", "node=two"])
        expect(await doctorOf(words)).toEqual([["ok", null, "2 machines, 1 manager", null]]);
      const { status, stderr } = await one.reyns("run all");
      expect([status, stderr]).toEqual([0, expect.not.stringContaining("warning")]);
      await runs(2);
      expect(await listed()).toHaveLength(1);
      const images = await Promise.all(
        [one, two].map((node) => on(node, "image", "ls", "--no-trunc", "--quiet", "*/api")),
      );
      expect(images[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(images[1]).toBe(images[0] ?? "");
      expect(JSON.parse(await one.must("plan json"))).toMatchObject({ actions: [] });
    });

    test("are the same where another manager plans them", async () => {
      const id = await on(two, "info", "--format", "{{.Swarm.NodeID}}");
      await on(one, "node", "promote", id);
      const isManager = async (): Promise<boolean> =>
        (await on(two, "info", "--format", "{{.Swarm.ControlAvailable}}")) === "true";
      await until("the second manager", isManager, 60);
      const planned = await one.must("plan node=two json");
      expect(await doctorOf()).toEqual([
        [
          ...(["warning", null] as const),
          "the swarm has 2 managers: if one fails, nothing in the swarm can be changed",
          expect.stringMatching(/^on a manager: docker node demote ./),
        ],
      ]);
      await on(one, "node", "demote", id);
      await until("the end of the second manager", async () => !(await isManager()), 60);
      expect(JSON.parse(planned)).toMatchObject({ actions: [] });
    });

    test("and containers that cannot join their network on a drained machine are told at once", async () => {
      const id = await on(two, "info", "--format", "{{.Swarm.NodeID}}");
      await on(one, "node", "update", "--availability", "drain", id);
      const message =
        "two: drained in its swarm, so that no container there can join the network of all machines";
      const remedy = expect.stringMatching(
        /^on a manager: docker node update --availability active ./,
      );
      expect(await doctorOf()).toEqual([["bad", null, message, remedy]]);
      const { status, stderr } = await one.reyns("rerun web");
      expect([status, stderr]).toEqual([1, expect.stringContaining(`error ${message}`)]);
      const web = JSON.parse(await one.must("ps web json")) as Listed[];
      expect(web).toEqual([expect.objectContaining({ ready: true })]);
      await one.must("plan");
      await on(one, "node", "update", "--availability", "active", id);
      await runs(2);
    });

    test("have secret variables in logins, where no other user can read them", async () => {
      await write(service(`${swarm}, env: { TOKEN: required({ secret: true }) }`));
      await one.must("run all", { env: { TOKEN: "s3cret-7f1a" } });
      await runs(2);
      const seen = async (user: string, line: string): Promise<string> => {
        const [task = "none"] = await tasksOn(two);
        const words = ["exec", "--user", user, task, "bash", "-lc", line];
        return (await run(["docker", "--host", two.env["DOCKER_HOST"] ?? "", ...words])).stdout;
      };
      const login = "/usr/lib/reyns/ssh-session";
      expect(await seen("reyns", `SSH_ORIGINAL_COMMAND='echo $TOKEN' ${login}`)).toBe(
        "s3cret-7f1a\n",
      );
      expect(await seen("reyns", "echo $TOKEN")).toBe("s3cret-7f1a\n");
      expect(await seen("nobody", "echo $TOKEN; cat /run/reyns/environment")).toBe("\n");
    });

    test("have the names of their tasks in the project's DNS, without those that have gone", async () => {
      const both = async (): Promise<string[]> =>
        [...(await addressesOf("api-one-1")), ...(await addressesOf("api-one-2"))].toSorted();
      await until("both names", async () => new Set(await both()).size === 2, 60);
      const leadsThere = async (): Promise<boolean> =>
        Bun.deepEquals(await addressesOf("api"), await both());
      await until("all of api", leadsThere, 60);
      await write(service(swarm.replace("replicas: 2", "replicas: 1")));
      await one.must("run all");
      await until("the end of a name", async () => (await both()).length === 1, 60);
      await until("api alone", leadsThere, 60);
    });

    test("run on the machine that their placement names, which doctor watches, or in whose group they are", async () => {
      await write(service(`${swarm.slice(0, -2)}, placement: { node: "two" } }`));
      await one.must("run all");
      await until("two tasks on two", async () => (await tasksOn(two)).length === 2, 60);
      await until("no task on one", async () => (await tasksOn(one)).length === 0, 60);
      const id = await on(two, "info", "--format", "{{.Swarm.NodeID}}");
      await on(one, "node", "update", "--availability", "pause", id);
      const message = expect.stringContaining("no machine takes tasks of api-one: two is paused;");
      const remedy = expect.stringContaining("docker node update --availability active ");
      expect(await doctorOf()).toContainEqual(["bad", null, message, remedy]);
      await on(one, "node", "update", "--availability", "active", id);
      await write(`group("one", () => ${service(swarm).slice(0, -1)});`);
      await one.must("run all");
      await until("two tasks on one", async () => (await tasksOn(one)).length === 2, 60);
      await until("no task on two", async () => (await tasksOn(two)).length === 0, 60);
    });

    test("become a container of another machine and back, without an end in between", async () => {
      const container = (more = ""): string =>
        `group("two", () => ${service(`image: "reyns/reyns-base"${more}`).slice(0, -1)});`;
      await write(container(', entrypoint: ["false"]'));
      const failed = await one.reyns("run all");
      expect(failed.status).toBe(1);
      expect(failed.stderr).toContain("the former service of api-one serves on");
      await runs(2);
      await write(container());
      await one.must("run all");
      expect(await listed()).toMatchObject([{ node: "two", ready: true }]);
      expect(await on(one, "service", "ls", "--quiet")).toBe("");
      await write(service(`${swarm.replace("2,", "1,")}, entrypoint: ["false"]`));
      const again = await one.reyns("run all");
      expect(again.status).toBe(1);
      expect(again.stderr).toContain("the former container of api-one runs again");
      expect(await listed()).toMatchObject([{ node: "two", ready: true }]);
      await write(service(swarm));
      await one.must("run all");
      await runs(2);
      expect(await on(two, "ps", "--all", "--format", "{{.Names}}")).not.toMatch(/api-one$/m);
    });

    test("are left out where none of the machines of a call is a manager", async () => {
      const inTwo = (options: string): string =>
        `group("two", () => ${service(options).slice(0, -1)});`;
      const changed = `${swarm}, labels: { new: "1" }`;
      for (const text of [inTwo(changed), service(changed)]) {
        await write(text);
        const { status, stderr } = await one.reyns("run all node=two");
        expect([status, stderr]).toEqual([0, expect.stringContaining("api-one: left as it is")]);
      }
      const named = await one.reyns("run api node=two");
      expect([named.status, named.stderr]).toEqual([2, expect.stringContaining("name a manager")]);
      expect((await one.reyns("ps node=two")).stderr).toContain("Swarm services are left out");
      await write(inTwo('image: "reyns/reyns-base"'));
      const beside = await one.reyns("run all node=two");
      expect([beside.status, beside.stderr]).toEqual([
        1,
        expect.stringContaining("api-one would start beside the Swarm service"),
      ]);
      await one.must("restart web node=two");
    });

    test("stop, start and go with the commands for all machines", async () => {
      expect(await one.must("logs api")).not.toBe("");
      await one.must("stop api");
      await until(
        "no tasks",
        async () => (await tasksOn(one)).length + (await tasksOn(two)).length === 0,
        60,
      );
      await one.must("start api");
      await runs(2);
      await one.must("clean all force=true");
      expect(await swarmObjects(one)).toEqual([]);
      await untilNoOverlay(one, 60);
    });
  },
);

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { run, until } from "../engine/support/images-container.ts";
import { containerOn, define, enginePort, on, startMachines } from "./support/machines.ts";
import { type Node, type Nodes, whyNoNodes } from "./support/nodes.ts";
import { joinSwarm, type Listed } from "./support/swarm.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

const lease = 6;

const definition = `import { dns, group, network, node, service } from "reyns";
node("first", "tcp://192.168.77.1:${enginePort}");
node("second", "unix://SOCKET", { address: "192.168.77.2" });
node("third", "tcp://192.168.77.3:${enginePort}");
network("overlay");
const plain = { image: "reyns/reyns-base", stopSignal: "SIGKILL" };
group("first", () => {
  dns({ lease: ${lease}, renew: 1.5 });
  service("app", plain);
});
group("second", () => service("client", plain));
group("third", () => {
  service("web", plain);
  service("mortal", plain);
  service("late", { ...plain, autorun: false });
});
service("api", { ...plain, swarm: { monitor: "0.5s", placement: { node: "third" } } });
`;

describe.skipIf(reason !== undefined)(
  `the DNS in the network of all machines${reason ? `: ${reason}` : ""}`,
  () => {
    let nodes: Nodes<"first" | "second" | "third">;
    let second: Node;
    let client: string;
    let shown: readonly Listed[];

    beforeAll(async () => {
      nodes = await startMachines(["first", "second", "third"], { isOnTcp: true });
      const { first, third } = nodes.node;
      ({ second } = nodes.node);
      await define(second, definition);
      // One manager, which is never cut off: on a busy machine, several may take minutes to choose a leader.
      await joinSwarm(second, first, third);
    }, 300_000);

    afterAll(() => nodes?.[Symbol.asyncDispose](), 60_000);

    const addressOf = (service: string, instance = "one"): string =>
      shown.find((one) => one.service === service && one.instance === instance)?.address ?? "";

    /** What a name of the zone leads to on the second machine; empty when to nothing. Docker has some names, too. */
    async function lookUp(name: string): Promise<string> {
      const words = ["exec", client, "getent", "ahostsv4", `${name}.local.zone`];
      const { stdout } = await run(["docker", "--host", second.env["DOCKER_HOST"] ?? "", ...words]);
      return stdout.split(" ")[0] ?? "";
    }

    async function leadsTo(name: string, address: string): Promise<void> {
      const isRight = async (): Promise<boolean> => (await lookUp(name)) === address;
      await until(`${name} -> "${address}"`, isRight, 60);
    }

    /** For longer than the lease of whatever has not been renewed. A busy machine may lose an answer. */
    async function outlast(addresses: Readonly<Record<string, string>>): Promise<void> {
      const end = performance.now() + lease * 1000;
      const wrong = new Set<string>();
      while (performance.now() < end) {
        for (const [name, address] of Object.entries(addresses)) {
          const found = await lookUp(name);
          if (found !== "" && found !== address) wrong.add(`${name} -> ${found}`);
        }
        await Bun.sleep(200);
      }
      expect([...wrong]).toEqual([]);
      for (const [name, address] of Object.entries(addresses)) await leadsTo(name, address);
    }

    /** Instances ask for the addresses of the others every 5 s: some renewals of an instance take longer. */
    async function areKnown(): Promise<boolean> {
      const question = ["dig", "+short", "@127.0.0.1", "TXT", "web-one._lease.local.zone"];
      const record = await on(second, "exec", await containerOn(second, "reyns-dns"), ...question);
      return Number(/"seq=(\d+)"/.exec(record)?.[1] ?? 0) > 6;
    }

    test("a run starts a secondary one on each further machine, with an address of its own and no port", async () => {
      // The machines have just joined: on a busy one, Docker does not attach what starts within its 20 s.
      const starts = async (): Promise<boolean> => {
        const { status, stderr } = await second.reyns("run all");
        if (status === 0 || stderr.includes("attaching to network failed")) return status === 0;
        throw new Error(stderr);
      };
      await until("a run", starts, 120);
      shown = JSON.parse(await second.must("ps json")) as Listed[];
      const servers = shown.filter(({ service }) => service === "reyns-dns");
      expect(servers.map(({ instance }) => instance).toSorted()).toEqual([
        ...["main", "second", "third"],
      ]);
      const containers = shown.filter(({ service }) => service !== "api");
      expect(new Set(containers.map(({ address }) => address)).size).toBe(7);
      expect(shown.flatMap(({ ports }) => ports).filter(({ host }) => host !== null)).toEqual([]);
      expect(await second.must("plan")).toBe("Nothing to do: 8 unchanged");
      client = await containerOn(second, "client");
      const asked = await on(second, "inspect", "--format", "{{json .HostConfig.Dns}}", client);
      const order = [addressOf("reyns-dns", "second"), addressOf("reyns-dns", "main")];
      expect(JSON.parse(asked)).toEqual(order);
      await leadsTo("web-one", addressOf("web"));
      await leadsTo("app", addressOf("app"));
      await leadsTo("mortal", addressOf("mortal"));
      await until("the names of the task", async () => (await lookUp("api-one-1")) !== "", 60);
    });

    test("it answers while the machine of the first one is cut off, but for the names of the dead", async () => {
      const { first, third } = nodes.node;
      await until("the others to be known", areKnown, 60);
      await first.setLink("down");
      await on(third, "kill", await containerOn(third, "mortal"));
      await leadsTo("app", "");
      await leadsTo("app-one", "");
      await leadsTo("mortal", "");
      const [web, task] = [addressOf("web"), await lookUp("api-one-1")];
      expect(task).not.toBe("");
      await outlast({ web, "web-one": web, api: task, "api-one-1": task });
      const id = await on(third, "ps", "-qf", "label=io.reyns.role=task");
      const found = await on(third, "exec", id, "getent", "ahostsv4", "web.local.zone");
      expect(found).toStartWith(`${web} `);
      const { stdout, stderr } = await second.reyns("dns web");
      expect(stderr).toContain(`the DNS at ${addressOf("reyns-dns", "main")} does not answer: `);
      expect(stderr).toContain(", a secondary DNS, answers in its place");
      expect(stdout).toStartWith(`web: ${addressOf("web")}\n`);
    });

    test("an instance that starts meanwhile registers there", async () => {
      const { stderr } = await second.reyns("run late partial=true");
      expect(stderr).toContain("third: late-one ready");
      shown = JSON.parse((await second.reyns("ps json")).stdout) as Listed[];
      expect(addressOf("late")).not.toBe("");
      await leadsTo("late", addressOf("late"));
    });

    test("all names are back when the machine is", async () => {
      await nodes.node.first.setLink("up");
      await until("the machine", async () => (await second.reyns("ps")).status === 0, 60);
      shown = JSON.parse(await second.must("ps json")) as Listed[];
      for (const name of ["app", "app-one", "web", "late-one"])
        await leadsTo(name, addressOf(name.replace("-one", "")));
      await second.must("run all");
      await leadsTo("mortal", addressOf("mortal"));
      expect(await second.must("plan")).toBe("Nothing to do: 8 unchanged");
    });

    test("clean takes it away with all the rest", async () => {
      await second.must("clean all force=true");
      // Docker itself takes away what has ended on the machine that was cut off, when it comes to it.
      for (const node of Object.values(nodes.node)) {
        const isEmpty = async (): Promise<boolean> =>
          (await on(node, "ps", "--all", "--quiet")) === "";
        await until(`no container on ${node.name}`, isEmpty, 60);
      }
    });
  },
);

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { must, until } from "../engine/support/images-container.ts";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { createProject, type Project } from "./support/project.ts";
import { call } from "./support/reyns.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

/** The DNS and what uses the other machine run on the first one. */
const definition = `import { dns, fromInterface, link, project, service } from "reyns";
project("nodelinks");
const env = { SERVICE_IP: fromInterface("eth0") };
const ns = dns({ instanceType: "published", group: "first", env });
const plain = { image: "reyns/reyns-base", env, links: [link(ns, "dns")] };
const web = service("web", { ...plain, group: "second" });
service("client", { ...plain, group: "first", links: [...plain.links, link(web, "backend")] });
service("late", { ...plain, group: "first", after: web });
`;

/** An Engine that others use as well has more time here than a person would give it. */
const patient = { env: { ENGINE_TIMEOUT: "30" } };

describe.skipIf(reason !== undefined)(
  `groups that need each other${reason ? `: ${reason}` : ""}`,
  () => {
    let project: Project;
    let nodes: Nodes<"one" | "two">;
    let one: Node;
    let two: Node;
    let env: { readonly DNS_SERVICE_IP: string };

    beforeAll(async () => {
      project = await createProject({ "reyns.ts": definition });
      await project.must("init");
      nodes = await startNodes(["one", "two"], {
        images: ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"],
        project: project.folder,
        env: { DNS_LEASE: "8", DNS_RENEW: "1" },
      });
      ({ one, two } = nodes.node);
      env = { DNS_SERVICE_IP: one.address };
    }, 300_000);

    afterAll(async () => {
      await nodes?.[Symbol.asyncDispose]();
      await project?.[Symbol.asyncDispose]();
    }, 300_000);

    const inside = async (node: Node, service: string, ...words: string[]): Promise<string> =>
      (await node.must(["shell", service, "--", ...words])).trim();

    test("keys that are missing, or others, are found before anything is built or started", async () => {
      await one.must("run reyns-dns");
      const missing = await two.reyns("run group=second", { env });
      expect(missing.stderr).toContain(`there are no keys here, and the DNS at ${one.address}`);
      expect(missing.status).toBe(1);
      await two.must("keys rotate yes");
      const other = await two.reyns("run group=second", { env });
      expect(other.stderr).toContain('has another secret for the key "reyns" (BADSIG)');
      expect(other.status).toBe(1);
      expect(JSON.parse(await two.must("ps all json"))).toEqual([]);
      await one.must("keys export keys.json");
      await cp(join(one.folder, "keys.json"), join(two.folder, "keys.json"));
      await two.must("keys import keys.json force=true");
    });

    test("a link to an instance that no machine runs names it, its group, and the call that starts it", async () => {
      const { status, stderr } = await one.reyns("run client timeout=2");
      expect(stderr).toContain("waiting up to 2 s for web-one of the group second to register");
      expect(stderr).toContain(
        "error web-one of the group second, which client-one links to, is not registered with the DNS",
      );
      expect(stderr).toContain("run it on its machine: reyns run group=second");
      expect(status).toBe(2);
    });

    test("the wait for a link's target keeps no other call from the folder", async () => {
      const { env: base, inside: within } = one;
      const waiting = await call(one.folder, "run client timeout=90", {
        env: base,
        inside: within,
      });
      await until("the wait", async () => waiting.written().includes("waiting up to"));
      await one.must("run reyns-dns wait=45");
      waiting.kill("SIGINT");
      expect((await waiting.output).status).toBe(130);
    });

    test("what comes after an instance of another machine gives up, and names it", async () => {
      const { status, stderr } = await one.reyns("run late timeout=2");
      expect(stderr).toContain("web-one of the group second did not register with the DNS at ");
      expect(status).toBe(1);
      expect(await one.must("ps")).toMatch(/^late +one .*missing/m);
    });

    test("links and after wait for the other machine", async () => {
      const waiting = await call(one.folder, "run group=first", {
        env: one.env,
        inside: one.inside,
      });
      await two.must("run group=second", { env });
      const { status, stderr } = await waiting.output;
      expect({ status, stderr }).toMatchObject({ status: 0 });
      expect(await inside(one, "client", "printenv", "BACKEND_SERVICE_IP")).toBe(two.address);
      expect(await inside(one, "client", "getent", "hosts", "backend")).toStartWith(two.address);
      expect(await inside(one, "late", "getent", "hosts", "web-one")).toStartWith(two.address);
    });

    test("a run again changes nothing", async () => {
      expect((await one.reyns("run group=first")).stderr).toContain("up to date: ");
      expect(await one.must("plan all group=first")).toStartWith("Nothing to do");
    });

    test("an instance that runs on another machine is not started here as well", async () => {
      const { status, stderr } = await two.reyns("run late", { env });
      expect(stderr).toContain(`late-one runs on one (${one.address}) already`);
      expect(stderr).toContain("to run it here instead, on one: reyns clean late one");
      // The DNS of its group would be a second one.
      expect(stderr).toContain("reyns-dns-main runs on one");
      expect(status).toBe(1);
      expect(await two.must("ps all")).not.toContain("late");
      await one.must("clean late force=true");
      await two.must("run late deps=false", { env });
      expect(await inside(one, "client", "getent", "hosts", "late-one")).toStartWith(two.address);
    });

    test("doctor names a changed address, and run on each machine takes it over", async () => {
      const moved = "192.168.77.22";
      await two.must("clean late force=true");
      await must(...two.inside, "ip", "address", "add", `${moved}/24`, "dev", "eth0");
      await must(...two.inside, "ip", "address", "delete", `${two.address}/24`, "dev", "eth0");
      await must(...two.inside, "ip", "address", "replace", `${moved}/24`, "dev", "eth0");
      const { stdout } = await two.reyns("doctor", patient);
      expect(stdout).toContain(`lead to ${two.address}, which their machine does not have`);
      expect((await two.reyns("run group=second")).stderr).toContain("env SERVICE_IP");
      expect((await two.reyns("doctor", patient)).stdout).not.toContain(
        "which their machine does not have",
      );
      expect((await one.reyns("run client")).stderr).toContain("env BACKEND_SERVICE_IP");
      expect(await inside(one, "client", "getent", "hosts", "backend")).toStartWith(moved);
    });

    test("keys are rotated on both machines, as the manual has it", async () => {
      await one.must("keys rotate yes");
      await one.must("rerun all");
      await one.must("keys export rotated.json");
      await cp(join(one.folder, "rotated.json"), join(two.folder, "rotated.json"));
      await two.must("keys import rotated.json force=true");
      await two.must("rerun all");
      expect(await inside(one, "client", "getent", "hosts", "web-one")).toContain("web-one");
    });

    test("an instance can move when its machine is off for longer than its lease", async () => {
      await two.kill();
      const moved = async (): Promise<boolean> =>
        (await one.reyns("run web deps=false")).status === 0;
      await until("the lease to expire", moved);
    });
  },
);

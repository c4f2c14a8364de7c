import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { must, until } from "../engine/support/images-container.ts";
import { startNodes, whyNoNodes, type Node, type Nodes } from "./support/nodes.ts";
import type { Project } from "./support/project.ts";
import { createRouted } from "./support/router.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();
const dnsAddress = "192.168.77.1";
const at = (address: string): string => `SERVICE_IP: "${address}", DNS_SERVICE_IP: "${dnsAddress}"`;

/** @param options of the instance on the other machine */
const script = (options: string): string => `import { dns, project, router, service } from "reyns";
project("routed-nodes");
dns({ group: "front", publishPorts: true, env: { SERVICE_IP: "${dnsAddress}" } });
router({ group: "front", http: 8080, https: false });
const serve = (instance: string, options: object) =>
  service("web", {
    instance, image: "reyns/reyns-common", command: ["/bun", "/server.js"], stopGracePeriod: 2,
    volumes: ["${process.execPath}:/bun:ro", "./server.js:/server.js:ro"],
    route: { host: "web.localhost", port: 3000 }, ...options });
serve("one", { group: "front", env: { NAME: "one" } });
serve("two", { group: "back", ${options} });
`;
const reachable = `ports: ["8081:3000"], env: { NAME: "two", ${at("192.168.77.2")} }`;

describe.skipIf(reason !== undefined)(
  `a router with instances on two machines${reason ? `: ${reason}` : ""}`,
  () => {
    let shop: Project;
    let nodes: Nodes<"front" | "back">;
    let front: Node;
    let back: Node;

    beforeAll(async () => {
      shop = await createRouted("routed-nodes", { http: 8080, https: 8443 }, "");
      await shop.must("build reyns-router");
      await shop.must("build reyns-dns");
      await shop.write({ "reyns.ts": script(reachable) });
      nodes = await startNodes(["front", "back"], {
        images: ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns", "reyns/reyns-router"],
        project: shop.folder,
        env: { DNS_LEASE: "8", DNS_RENEW: "1" },
      });
      ({ front, back } = nodes.node);
    }, 300_000);

    afterAll(async () => {
      await nodes?.[Symbol.asyncDispose]();
      await shop?.[Symbol.asyncDispose]();
    }, 300_000);

    /** The name of the instance that answers; undefined without an answer. */
    const ask = async (): Promise<string | undefined> => {
      const url = ["http://192.168.77.1:8080/", "--header", "host: web.localhost"];
      const answer = await must(...front.inside, "curl", "--silent", "--max-time", "30", ...url);
      return /"name":"(\w+)"/.exec(answer)?.[1];
    };
    const namesOf = async (count: number): Promise<Set<string | undefined>> => {
      const names = new Set<string | undefined>();
      for (let number = 0; number < count; number += 1) names.add(await ask());
      return names;
    };

    test("requests go to the other machine as soon as its instance runs", async () => {
      await front.must("run group=front");
      expect(await namesOf(10)).toEqual(new Set(["one"]));
      const keys = join(back.folder, "keys.json");
      await front.must(["keys", "export", keys]);
      await back.must(["keys", "import", keys]);
      const { status, stderr } = await back.reyns("run group=back");
      expect({ status, stderr }).toMatchObject({ status: 0 });
      expect(stderr).not.toContain("gets no requests");
      await until("an answer of the other machine", async () => (await namesOf(10)).has("two"));
      expect(await namesOf(20)).toEqual(new Set(["one", "two"]));
      expect(JSON.parse(await front.must("routes json"))).toMatchObject([
        {
          host: "web.localhost",
          upstreams: [
            { service: "web", instance: "one", port: 3000, state: "running" },
            { remoteName: "web-two.local.zone", port: 8081, state: "elsewhere" },
          ],
        },
      ]);
      expect(await front.must("routes")).toMatch(/web-two\.local\.zone:8081 +elsewhere/);
      expect(JSON.parse(await front.must("plan group=front json"))).toMatchObject({ actions: [] });
    });

    test("no request fails while the instance of either machine is stopped", async () => {
      await front.must("stop web");
      expect(await namesOf(10)).toEqual(new Set(["two"]));
      await front.must("start web");
      await back.must("stop web");
      expect(await namesOf(20)).toEqual(new Set(["one"]));
      await back.must("start web");
      await until("an answer of the other machine", async () => (await namesOf(10)).has("two"));
    });

    test("an instance that the router cannot reach starts with a warning of what it lacks", async () => {
      await back.must("clean all force");
      await Bun.write(join(back.folder, "reyns.ts"), script(`env: { NAME: "two" }`));
      const { status, stderr } = await back.reyns("run group=back");
      expect(status).toBe(0);
      expect(stderr).toContain("web-two gets no requests from a router on another machine");
    });
  },
);

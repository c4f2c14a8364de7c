import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { must, until } from "../engine/support/images-container.ts";
import { startNodes, whyNoNodes, type Node, type Nodes } from "./support/nodes.ts";
import type { Project } from "./support/project.ts";
import { createRouted, routedScript } from "./support/router.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();
const [name, ports] = ["routed-power", { http: 8080, https: 8443 }];
const body = (version: string): string => `import { ready } from "reyns";
serve("web", { env: { NAME: "${version}" }, command: ["bash", "-c", "sleep 2; exec /bun /server.js"],
  ready: ready.tcp(3000), route: { host: "web.localhost", port: 3000 } });`;

/** The container of the replacement that is there with this end of its name, and what holds the call up then. */
const moments = [
  { moment: "while the new container starts", suffix: "next", holdsRequest: false },
  { moment: "while the former one ends its requests", suffix: "previous", holdsRequest: true },
];

describe.skipIf(reason !== undefined)(
  `the Engine is killed during a start-first replacement${reason ? `: ${reason}` : ""}`,
  () => {
    let project: Project;
    let nodes: Nodes<"only">;
    let node: Node;

    beforeAll(async () => {
      project = await createRouted(name, ports, body("v0"));
      await project.must("build reyns-router");
      nodes = await startNodes(["only"], {
        images: ["reyns/reyns-common", "reyns/reyns-router"],
        project: project.folder,
      });
      node = nodes.node.only;
      await node.must("run all");
    }, 300_000);

    afterAll(async () => {
      await nodes?.[Symbol.asyncDispose]();
      await project?.[Symbol.asyncDispose]();
    }, 300_000);

    const docker = (...words: string[]): Promise<string> =>
      must("docker", "-H", node.env["DOCKER_HOST"] ?? "", ...words);
    const containers = async (part: string): Promise<string[]> =>
      (await docker("ps", "--all", "--format", "{{.Names}}", "--filter", `name=${part}`))
        .split("\n")
        .filter(Boolean);
    const define = (version: string): Promise<number> =>
      Bun.write(join(node.folder, "reyns.ts"), routedScript(name, ports, body(version)));
    const fetchWith = (path: string): string[] => [
      ...[...node.inside, "curl", "--silent", "--insecure", "--max-time", "60"],
      ...["--resolve", "web.localhost:8443:127.0.0.1", `https://web.localhost:8443${path}`],
    ];
    const served = async (): Promise<string> =>
      (JSON.parse(await must(...fetchWith("/"))) as { name: string }).name;
    const certificate = async (): Promise<string> => {
      const [router = ""] = await containers("reyns-router");
      const file = "/var/lib/caddy/certificates/local/web.localhost/web.localhost.crt";
      return docker("exec", router, "cat", file);
    };

    for (const [index, { moment, suffix, holdsRequest }] of moments.entries())
      test(`${moment}: the same call heals, and the certificate stays`, async () => {
        expect(await served()).not.toBe("");
        const before = await certificate();
        const version = `v${index + 1}`;
        await define(version);
        // A stream without an end.
        const request = holdsRequest
          ? Bun.spawn(fetchWith("/events"), { stdout: "ignore" })
          : undefined;
        const going = node.reyns("run all");
        await until(moment, async () => (await containers(`-web-one.${suffix}`)).length > 0);
        await node.kill();
        expect((await going).status).not.toBe(0);
        await request?.exited;

        await node.start();
        await node.must("run all");
        expect(await served()).toBe(version);
        expect(await certificate()).toBe(before);
        expect(await containers("-web-one")).toEqual([expect.stringMatching(/-web-one$/)]);
        expect(JSON.parse(await node.must("plan json"))).toMatchObject({ actions: [] });
      });
  },
);

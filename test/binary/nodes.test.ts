import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../engine/support/images-container.ts";
import { addressesIn } from "./support/machines.ts";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { columns, manual, plain, screens } from "./support/nodes-manual.ts";
import { createOwnDemo, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const conf = "conf=default-multinode";
const reason = await whyNoNodes();

describe.skipIf(reason !== undefined)(`on several machines${reason ? `: ${reason}` : ""}`, () => {
  let demo: Project;
  let nodes: Nodes<"master" | "node1" | "node2">;
  let master: Node;
  let node1: Node;
  let node2: Node;
  let env: { readonly DNS_SERVICE_IP: string };

  /** The commands of docs/nodes.md that no test has typed yet. */
  const untyped = new Set<string>();
  const documented = (node: Node, line: string): string => {
    expect([...untyped]).toContain(`${node.name}$ ${line}`);
    untyped.delete(`${node.name}$ ${line}`);
    return line;
  };

  beforeAll(async () => {
    for (const [line] of (await manual()).matchAll(/^(master|node\d)\$ .*$/gm)) untyped.add(line);
    demo = await createOwnDemo();
    await demo.must("init");
    const images = ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"];
    nodes = await startNodes(["master", "node1", "node2"], {
      images,
      project: demo.folder,
      env: { DNS_LEASE: "8", DNS_RENEW: "1" },
    });
    ({ master, node1, node2 } = nodes.node);
    env = { DNS_SERVICE_IP: master.address };
    // This one has the conf in its older form.
    await rm(join(master.folder, "reyns.ts"));
  }, 300_000);

  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
    await demo?.[Symbol.asyncDispose]();
  }, 300_000);

  test("run publishes the DNS on the first machine's own address", async () => {
    await using terminal = await master.terminal();
    await terminal.run(documented(master, `reyns run group=master ${conf}`));
    expect(await master.must("ps")).toContain(`${master.address}:53/tcp+udp`);
  });

  test("run reports keys that differ from those of the DNS before it starts anything, and how to import the right ones", async () => {
    const first = await node1.reyns(`run group=node1 ${conf}`, { env });
    expect(first.status).toBe(1);
    expect(first.stderr).toContain(`there are no keys here, and the DNS at ${master.address}`);
    await node1.must("keys rotate yes");
    const { status, stderr } = await node1.reyns(`run group=node1 ${conf}`, { env });
    expect(status).toBe(1);
    expect(JSON.parse(await node1.must("ps all json"))).toEqual([]);
    expect(stderr).toContain(
      `the DNS at ${master.address} has another secret for the key "reyns" (BADSIG)`,
    );
    expect(stderr).toContain('"reyns keys export" on the machine that runs it');
    await master.must("keys export elsewhere.json");
    await carry("elsewhere.json", master, node1);
    await node1.must("keys import elsewhere.json force=true");
    await node1.must(`run group=node1 ${conf}`, { env });
    // Without the address of the DNS, which it has been told.
    await node1.must("rerun all");
    expect(await lookUp(node1.address, node1)).toContain("demo-onenode1.local.zone");
    await node1.must("clean all force=true");
    await rm(join(node1.folder, ".reyns"), { recursive: true });
  });

  test("the second machine runs with the keys of the first", async () => {
    const file = "reyns-demo-keys.json";
    await using exporting = await master.terminal();
    await exporting.run(documented(master, "reyns keys export"));
    for (const node of [node1, node2]) {
      documented(master, `scp ${file} ${node.name}:reyns-demo/`);
      await carry(file, master, node);
      await using importing = await node.terminal();
      await importing.run(documented(node, `reyns keys import ${file}`));
      expect(await node.must("keys")).toContain(await fingerprint(master));
    }
    await using terminal = await node1.terminal();
    const line = `DNS_SERVICE_IP=${master.address} reyns run group=node1 ${conf}`;
    expect(await terminal.run(documented(node1, line))).toContain("✓ demo-onenode1 ready");
  });

  test("the third machine asks where the DNS is, and offers its own addresses", async () => {
    await using terminal = await node2.terminal();
    await terminal.type(documented(node2, `reyns run group=node2 ${conf}`));
    const question = await terminal.see(/another address/);
    expect(addressesIn(question)).toEqual([node2.address]);
    await terminal.press("Up", "Enter");
    await terminal.see(/another address\n.*\n.*DNS_SERVICE_IP/);
    await terminal.type(master.address);
    await terminal.see("Keep these answers");
    await terminal.press("Enter");
    const answered = await terminal.see(/demo +onenode2 .*\n\[0\]\$$/);
    const [asking = "", ready = ""] = await screens();
    expect(question).toContain(asking.slice(asking.indexOf("┌")).trimEnd());
    expect(plain(answered)).toContain(plain(ready));

    await terminal.type(documented(node2, "reyns ssh demo onenode2"));
    await terminal.see("reyns@demo-onenode2:~$");
    await terminal.type("ping -c 1 demo-onenode1");
    await terminal.see("1 packets transmitted, 1 received");
    await terminal.type("exit");
    await terminal.see(/\n\[0\]\$$/);

    // Not in the terminal, which has no room for two addresses.
    expect(columns(await node2.must(documented(node2, "reyns dns").replace("reyns ", "")))).toEqual(
      columns(/NAME[^`]*?(?=\nnode2)/.exec(await manual())?.[0] ?? ""),
    );
    const way = await terminal.run(documented(node2, "reyns dns demo-onenode1"));
    expect(way).toStartWith(`demo-onenode1: ${node1.address}\n`);
    expect([...untyped]).toEqual([]);
  });

  test("names resolve to addresses and back on every machine", async () => {
    expect(await addressesOf("demo-onenode1", node2)).toEqual([node1.address]);
    expect(await addressesOf("demo-onenode2", node1)).toEqual([node2.address]);
    expect(await lookUp(node1.address, node2)).toContain("demo-onenode1.local.zone");
    expect(await lookUp(node2.address, node1)).toContain("demo-onenode2.local.zone");
  });

  test("with REPLACE the service's name leads to where it was run last", async () => {
    expect(await addressesOf("demo", node1)).toEqual([node1.address, node2.address]);
    const replacing = { env: { ...env, DNS_UPDATE_POLICY: "REPLACE" } };
    await node2.must("rerun demo onenode2", replacing);
    expect(await addressesOf("demo", node1)).toEqual([node2.address]);
    await node1.must("rerun demo onenode1", replacing);
    expect(await addressesOf("demo", node2)).toEqual([node1.address]);
  });

  test("with APPEND the service's name leads to both machines again", async () => {
    await node2.must("rerun demo onenode2", { env: { DNS_UPDATE_POLICY: "APPEND" } });
    expect(await addressesOf("demo", node2)).toEqual([node1.address, node2.address]);
  });

  test("the names of a machine that loses power expire with its lease, and the others stay", async () => {
    await node2.kill();
    expect(await addressesOf("demo-onenode2", node1)).toEqual([node2.address]);
    await gone("demo-onenode2", node1);
    await untilLeadsTo("demo", [node1.address], node1);
  });

  test("start restores the names of a machine that is back", async () => {
    await node2.start();
    await node2.must("start demo onenode2");
    expect(await addressesOf("demo-onenode2", node1)).toEqual([node2.address]);
    expect(await addressesOf("demo", node1)).toEqual([node1.address, node2.address]);
  });

  test("a machine that is cut off loses its names, and regains them when it is connected again", async () => {
    await node1.setLink("down");
    try {
      await gone("demo-onenode1", node2);
      await untilLeadsTo("demo", [node2.address], node2);
    } finally {
      await node1.setLink("up");
    }
    await untilLeadsTo("demo-onenode1", [node1.address], node2);
    await untilLeadsTo("demo", [node1.address, node2.address], node2);
    expect(await addressesOf("demo-onenode2", node1)).toEqual([node2.address]);
  });

  test("a DNS has all names again after its machine was off", async () => {
    await master.kill();
    // The DNS comes back with the Engine.
    await master.start();
    await untilLeadsTo("demo-onenode1", [node1.address], node2);
    await untilLeadsTo("demo", [node1.address, node2.address], node1);
  });

  test("a DNS has all names again after rerun empties its zone", async () => {
    await master.must("rerun reyns-dns main");
    await untilLeadsTo("demo-onenode1", [node1.address], node2);
    await untilLeadsTo("demo-onenode2", [node2.address], node1);
    await untilLeadsTo("demo", [node1.address, node2.address], node1);
  });

  test("clean removes a machine's names at once", async () => {
    await node2.must("clean all force=true");
    expect(await addressesOf("demo-onenode2", node1)).toEqual([]);
    expect(await addressesOf("demo", node1)).toEqual([node1.address]);
  });

  test("with REPLACE the service's name leads to the former machine when the last one dies", async () => {
    await node2.must(`run group=node2 ${conf}`, { env: { ...env, DNS_UPDATE_POLICY: "REPLACE" } });
    expect(await addressesOf("demo", node1)).toEqual([node2.address]);
    await node2.kill();
    await untilLeadsTo("demo", [node1.address], node1);
  });
});

/** In place of scp. */
async function carry(file: string, from: Node, to: Node): Promise<void> {
  await cp(join(from.folder, file), join(to.folder, file));
}

async function fingerprint(node: Node): Promise<string> {
  return /^tsig\.key +(\S+)/m.exec(await node.must("keys"))?.[1] ?? "no fingerprint";
}

/** What a name resolves to in the node's instance of the demo. */
async function addressesOf(name: string, node: Node): Promise<string[]> {
  return addressesIn(await lookUp(name, node, "ahostsv4")).toSorted();
}

async function untilLeadsTo(name: string, addresses: readonly string[], node: Node): Promise<void> {
  const leads = async (): Promise<boolean> =>
    Bun.deepEquals(await addressesOf(name, node), addresses);
  await until(`${name} leads to ${addresses.join(", ") || "nowhere"} on ${node.name}`, leads);
}

async function gone(name: string, node: Node): Promise<void> {
  await untilLeadsTo(name, [], node);
}

async function lookUp(name: string, node: Node, database = "hosts"): Promise<string> {
  const words = ["shell", "demo", `one${node.name}`, "--", "getent", database, name];
  return (await node.reyns(words)).stdout;
}

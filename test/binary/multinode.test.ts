import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { execIn } from "./support/engine.ts";
import { createDemo, type Project } from "./support/project.ts";
import { openTerminal, type Terminal } from "./support/terminal.ts";

setDefaultTimeout(60_000);

/** An interface that another machine could reach, with its address. */
const [name = "", address = ""] = Object.entries(networkInterfaces())
  .flatMap(([key, all]) => (all ?? []).map((one) => [key, one] as const))
  .filter(([key, { family }]) => family === "IPv4" && !/^(lo|docker|br-|veth)/.test(key))
  .map(([key, one]) => [key, one.address])[0] ?? [];

let demo: Project;

beforeAll(async () => {
  demo = await createDemo();
  for (const file of ["reyns.ts", "default-multinode.conf"]) {
    const path = join(demo.folder, file);
    await writeFile(path, (await readFile(path, "utf8")).replaceAll("eth0", name));
  }
  await demo.must("build all");
}, 300_000);

afterAll(() => demo?.[Symbol.asyncDispose]());

const path = (file: string): string => join(demo.folder, file);

test("off a terminal all that is missing is named at once", async () => {
  const started = performance.now();
  const { status, stderr } = await demo.reyns("run all conf=default-multinode");
  expect(status).toBe(2);
  expect(stderr).toStartWith(
    "error DNS_SERVICE_IP has no value; demo-onenode1, demo-onenode2 need it\n",
  );
  expect(stderr).toContain("DNS_SERVICE_IP=… reyns …");
  expect(performance.now() - started).toBeLessThan(1000);
  expect(await demo.json("ps all")).toEqual([]);
});

for (const form of ["reyns.ts", "default-multinode.conf"]) {
  test.skipIf(address === "")(`three groups, DNS_SERVICE_IP asked once, from ${form}`, async () => {
    const legacy = form !== "reyns.ts";
    if (legacy) await rename(path("reyns.ts"), path("aside.ts"));
    await using terminal = await openTerminal({ folder: demo.folder });
    await terminal.run("reyns run:group=master,conf=default-multinode");
    await answerTheQuestion(terminal, "reyns run:group=node1,conf=default-multinode");
    expect(await hostConf()).toEqual({ values: { DNS_SERVICE_IP: address }, mode: "600" });

    const second = await terminal.run("reyns run group=node2 conf=default-multinode");
    expect(second).toContain("demo-onenode2 ready");
    expect(await execIn(demo.folder, "onenode2", "getent", "hosts", "demo-onenode1")).toContain(
      `${address} `,
    );
    await terminal.type("reyns ssh:demo,onenode2");
    await terminal.see("reyns@demo-onenode2:~$");
    await terminal.type("ping -c 1 demo-onenode1");
    await terminal.see("1 packets transmitted, 1 received");
    await terminal.type("exit");

    await demo.must("clean all force=True");
    await rm(path("host.conf"));
    if (legacy) await rename(path("aside.ts"), path("reyns.ts"));
  });
}

async function answerTheQuestion(terminal: Terminal, line: string): Promise<void> {
  await terminal.type(line);
  const question = await terminal.see(/another address/);
  expect(question).toContain("DNS_SERVICE_IP, for demo-onenode1");
  expect(question).toContain(address);
  expect(question).not.toContain("127.0.0.1");
  // The last one offered, to be typed; a mistake is told from an address.
  await terminal.press("Up", "Enter");
  await terminal.see(/another address\n.*\n.*DNS_SERVICE_IP/);
  await terminal.press("5", "Enter");
  await terminal.see("an IPv4 address, for example");
  await terminal.press("BSpace", ...address);
  await terminal.press("Enter");
  await terminal.see("Keep these answers");
  await terminal.press("Enter");
  await terminal.see(/demo +onenode1 .*\n\[0\]\$$/);
}

async function hostConf(): Promise<{ values: unknown; mode: string }> {
  const file = path("host.conf");
  const { mode } = await stat(file);
  return {
    values: JSON.parse(await readFile(file, "utf8")),
    mode: (mode & 0o777).toString(8),
  };
}

import { expect, setDefaultTimeout, test } from "bun:test";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { until } from "../engine/support/images-container.ts";
import { execIn } from "./support/engine.ts";
import { createDemo, createFromTemplate, type Project } from "./support/project.ts";
import { openTerminal, type Terminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

/** An interface that another machine could reach, with its address. No other file publishes port 53 there. */
const [name = "", address = ""] =
  Object.entries(networkInterfaces())
    .flatMap(([key, all]) => (all ?? []).map((one) => [key, one] as const))
    .filter(([key, { family }]) => family === "IPv4" && !/^(lo|docker|br-|veth)/.test(key))
    .map(([key, one]) => [key, one.address])[0] ?? [];

/** The demo, for this machine's interface, in one of its two forms. */
async function createMultinode(form: string): Promise<Project> {
  const demo = await createDemo();
  for (const file of ["reyns.ts", "default-multinode.conf"]) {
    const path = join(demo.folder, file);
    await writeFile(path, (await readFile(path, "utf8")).replaceAll("eth0", name));
  }
  if (form !== "reyns.ts") await rm(join(demo.folder, "reyns.ts"));
  await demo.must("build all");
  return demo;
}

test("run names all missing values at once without a terminal", async () => {
  await using demo = await createMultinode("reyns.ts");
  const { status, stderr } = await demo.reyns("run all conf=default-multinode");
  expect(status).toBe(2);
  expect(stderr).toStartWith(
    "error missing value: DNS_SERVICE_IP (the address of the machine with the DNS), required by demo-onenode1, demo-onenode2\n",
  );
  expect(stderr).toContain("DNS_SERVICE_IP=… reyns …");
  expect(await demo.json("ps all")).toEqual([]);
});

for (const form of ["reyns.ts", "default-multinode.conf"]) {
  test.skipIf(address === "")(`three groups, DNS_SERVICE_IP asked once, from ${form}`, async () => {
    await using demo = await createMultinode(form);
    await using terminal = await openTerminal({ folder: demo.folder });
    // The words of docs/nodes.md, and those of the older tool.
    const line = (group: string): string =>
      form === "reyns.ts"
        ? `reyns run group=${group} conf=default-multinode`
        : `reyns run:group=${group},conf=default-multinode`;
    await terminal.run(line("master"));
    await answerTheQuestion(terminal, line("node1"));
    expect(await hostConf(demo)).toEqual({
      values: { DNS_SERVICE_IP: address, last_conf: "default-multinode" },
      mode: "600",
    });

    const second = await terminal.run(line("node2"));
    expect(second).toContain("demo-onenode2 ready");
    const found = await execIn(demo.folder, "onenode2", "getent", "hosts", "demo-onenode1");
    expect(found).toContain(`${address} `);
    await pingFromInside(terminal);
  });
}

test.skipIf(address === "")(
  "the groups of the template multinode run one after another and reach each other",
  async () => {
    await using project = await createFromTemplate("multinode");
    const file = join(project.folder, "reyns.ts");
    await writeFile(file, (await readFile(file, "utf8")).replace("eth0", name));
    const env = { DNS_SERVICE_IP: address };
    for (const group of ["master", "node1", "node2"])
      await project.must(`run group=${group} conf=nodes`, { env });
    const answered = async (): Promise<boolean> =>
      (await project.must("logs client")).includes("says: Hello from web-one on ");
    await until("the client has an answer", answered);
  },
);

async function pingFromInside(terminal: Terminal): Promise<void> {
  await terminal.type("reyns ssh:demo,onenode2");
  await terminal.see("reyns@demo-onenode2:~$");
  await terminal.type("ping -c 1 demo-onenode1");
  await terminal.see("1 packets transmitted, 1 received");
  await terminal.type("exit");
  await terminal.see(/\n\[0\]\$$/);
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
  await terminal.see('"5" is not an IPv4 address');
  await terminal.press("BSpace");
  await terminal.type(address);
  await terminal.see("Keep these answers");
  await terminal.press("Enter");
  await terminal.see(/demo +onenode1 .*\n\[0\]\$$/);
}

async function hostConf({ folder }: Project): Promise<{ values: unknown; mode: string }> {
  const file = join(folder, "host.conf");
  const { mode } = await stat(file);
  return {
    values: JSON.parse(await readFile(file, "utf8")),
    mode: (mode & 0o777).toString(8),
  };
}

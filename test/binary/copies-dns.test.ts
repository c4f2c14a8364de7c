// Copies of a project with a DNS, whose addresses of machines lead to the project itself.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createProject } from "./support/project.ts";
import { containerOf, reaches } from "./support/reach.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(300_000);
beforeAll(importSmallImage);

test("each copy has a DNS of its own, whichever address of the project's the environment names", async () => {
  await using shop = await createProject({
    "reyns.ts": `import { dns, link, project, ready, service } from "reyns";
project("copieddns");
const copy = process.env.REYNS_COPY || "main";
const ns = dns({ env: { SERVICE_IP: process.env.MACHINE ?? null } });
const small = { image: "${smallImage}", init: true, stopSignal: "SIGKILL", ready: ready.started(), links: [link(ns, "dns")] };
service("web", { ...small, env: { SERVICE_IP: process.env.MACHINE ?? null } });
service("only-" + copy, small);
`,
  });
  const copies = ["main", "one", "two"];
  await shop.must("run all copy=main", { env: { MACHINE: "127.0.0.1" } });
  const dns = await shop.must("getip reyns-dns");
  const env = { MACHINE: "127.0.0.1", DNS_SERVICE_IP: dns, SERVICE_IP: "127.0.0.1" };
  for (const copy of copies.slice(1)) await shop.must(`run all copy=${copy}`, { env });

  for (const copy of copies) {
    const names = (await shop.json(`dns copy=${copy}`)) as { name: string; address: string }[];
    const found = names.map(({ name }) => name).join(" ");
    for (const other of copies)
      expect([copy, other, found.includes(`only-${other}`)]).toEqual([copy, other, copy === other]);
  }
  for (const copy of ["one", "two"]) {
    const folder = `${shop.folder}//copy:${copy}`;
    const web = await containerOf(folder, "web");
    expect(await reaches(web, `only-${copy}-one.local.zone`)).toBe(true);
    const other = copy === "one" ? "two" : "one";
    expect(await reaches(web, `only-${other}-one.local.zone`)).toBe(false);
    // Not at the machine's address, where the project's own answers.
    const names = await shop.json(`dns web copy=${copy}`);
    expect(JSON.stringify(names)).toContain(await shop.must(`getip web copy=${copy}`));
  }
});

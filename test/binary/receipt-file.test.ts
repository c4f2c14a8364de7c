// The receipt of a test that passed: what is in it, and that other programs can read and verify it.
import { beforeAll, expect, test } from "bun:test";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { receiptSchema } from "../../src/model/receipt.ts";
import { must, run } from "../engine/support/images-container.ts";
import { createProject } from "./support/project.ts";
import { writeReceiptOf } from "./support/receipts.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

beforeAll(importSmallImage);

const script = `
import { project, service, required, ready } from "reyns";
project("receipts-file");
service("web", {
  image: "${smallImage}",
  command: ["sleep", "999"],
  stopSignal: "SIGKILL",
  ready: ready.started(),
  env: { MODE: "test", TOKEN: required({ secret: true }), AT: "from_lo" },
  volumes: ["./site:/site:ro", "./app.conf:/app.conf", "./data:/data"],
  files: { "/etc/made.conf": "made" },
});
`;

test("a receipt names what was tested, keeps secrets, and jq and ssh-keygen read it", async () => {
  await using project = await createProject({
    "reyns.ts": script,
    "site/index.html": "hello",
    "app.conf": "a=1",
    "data/rows": "1",
  });
  await project.must("run all", { env: { TOKEN: "hush-hush" } });
  const file = await writeReceiptOf(project.folder);
  expect(file).toMatch(/\/\.reyns\/receipts\/\d{8}T\d{6}Z-[0-9a-f]{8}\.json$/);
  const text = await readFile(file, "utf8");
  expect(text).not.toContain("hush-hush");
  const receipt = v.parse(receiptSchema, JSON.parse(text));
  const [web] = receipt.instances;
  expect(web?.free).toEqual(["env TOKEN", "env AT", "addresses", "content of ./data"]);
  expect(Object.keys(web?.definition ?? {})).toContain("file /etc/made.conf");
  expect(Object.keys(receipt.files)).toEqual(["./site/index.html", "./app.conf"]);
  const mode = ((await stat(join(project.folder, "app.conf"))).mode & 0o777).toString(8);
  expect(receipt.files["./app.conf"]).toMatchObject({ mode: mode.padStart(4, "0") });
  const id = await must("docker", "image", "inspect", "-f", "{{.Id}}", smallImage);
  expect(await must("jq", "-r", ".instances[].image", file)).toBe(id.trim());
  const { status } = await run([
    "jq",
    "-e",
    '.tests[0] == {"name":"it answers","milliseconds":12}',
    file,
  ]);
  expect(status).toBe(0);
  const schema = join(import.meta.dir, "../../docs/receipt.schema.json");
  expect(await run(["jsonschema", "-i", file, schema])).toMatchObject({ status: 0 });
});

test("keys signers prints what ssh-keygen verifies a receipt with", async () => {
  await using project = await createProject({
    "reyns.ts": `import { project, service, ready } from "reyns";
project("receipts-keys");
service("web", { image: "${smallImage}", stopSignal: "SIGKILL", ready: ready.started() });
`,
  });
  expect((await project.reyns("keys signers")).status).toBe(1);
  await project.must("run all");
  const file = await writeReceiptOf(project.folder);
  const signers = join(project.folder, "signers");
  await Bun.write(signers, `${await project.must("keys signers")}\n`);
  const namespace = "reyns-receipt@reyns.io";
  const words = ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", "receipts-keys"];
  const verify = (text: string) => run([...words, "-n", namespace, "-s", `${file}.sig`], text);
  const text = await readFile(file, "utf8");
  expect((await verify(text)).status).toBe(0);
  expect((await verify(text.replace("receipts-keys", "receipts-keyz"))).status).not.toBe(0);
});

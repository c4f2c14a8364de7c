// Changes one byte at a time of a tested project, and counts the changes that a run by receipt accepts.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must, temporaryFolder } from "../test/engine/support/images-container.ts";
import { createProject, type Project } from "../test/binary/support/project.ts";
import { writeReceiptOf } from "../test/binary/support/receipts.ts";
import { smallImage } from "../test/binary/support/small-image.ts";

export interface ReceiptResult {
  readonly name: string;
  readonly value: number;
  readonly limit?: number;
}

/** Every byte of its strings is a part of the definition. */
const values = {
  mode: "production",
  greeting: "welcome to the shop",
  command: "sleep 98765",
  label: "team-checkout",
  user: "1000:1000",
  file: "a file that is copied into the container",
};

const script = `
import { project, service, ready } from "reyns";
const values = await Bun.file(import.meta.dir + "/values.json").json();
project("receipt-bench");
service("web", {
  image: "receipt-bench/tested:1",
  command: values.command.split(" "),
  user: values.user,
  env: { MODE: values.mode, GREETING: values.greeting },
  labels: { team: values.label },
  files: { "/etc/made": values.file },
  volumes: ["./site:/site:ro", "./app.conf:/etc/app.conf"],
  stopSignal: "SIGKILL",
  ready: ready.started(),
});
`;

const files = {
  "reyns.ts": script,
  "values.json": JSON.stringify(values),
  "site/index.html": "<h1>hello</h1>\n".repeat(20),
  "site/css/page.css": "h1 { color: green }\n".repeat(20),
  "app.conf": "workers = 4\nlisten = 80\n",
};

/** Makes a change, and takes it back. */
type Change = () => Promise<() => Promise<void>>;

const image = "receipt-bench/tested:1";

/** A tenth of the changes are in the image, which is made anew for each; the rest is shared out evenly. */
export async function countAccepted(count: number): Promise<ReceiptResult[]> {
  await using folder = await temporaryFolder();
  await must("docker", "tag", smallImage, image);
  try {
    await using project = await createProject(files);
    await project.must("run all");
    const receipt = await writeReceiptOf(project.folder);
    await project.must("clean all force=True");
    const other = Math.round((count * 3) / 10);
    return [
      await accepted("image", count - 3 * other, { project, receipt }, () =>
        otherImage(folder.path),
      ),
      await accepted("definition", other, { project, receipt }, () => otherValue(project)),
      await accepted("mounted files", other, { project, receipt }, () => otherFile(project)),
      await accepted("receipt", other, { project, receipt }, () => otherByte(receipt)),
    ];
  } finally {
    await must("docker", "rmi", image);
  }
}

interface TestedBench {
  readonly project: Project;
  readonly receipt: string;
}

async function accepted(
  what: string,
  count: number,
  { project, receipt }: TestedBench,
  change: Change,
): Promise<ReceiptResult> {
  let value = 0;
  for (let index = 0; index < count; index++) {
    const undo = await change();
    const { status, stderr } = await project.reyns(`plan receipt=${receipt}`);
    if (status === 0) value++;
    else if (!/tested|receipt|signed/.test(stderr)) throw new Error(`${what}: ${stderr}`);
    await undo();
  }
  await project.must(`plan receipt=${receipt}`);
  return { name: `accepted of ${count} changed bytes: ${what}`, value, limit: 0 };
}

const random = (below: number): number => Math.floor(Math.random() * below);

async function otherByte(file: string): Promise<() => Promise<void>> {
  const bytes = await readFile(file);
  const changed = Buffer.from(bytes);
  const place = random(bytes.length);
  changed[place] = (changed[place] ?? 0) ^ (1 + random(255));
  await writeFile(file, changed);
  return () => writeFile(file, bytes);
}

function otherFile({ folder }: Project): Promise<() => Promise<void>> {
  const names = ["site/index.html", "site/css/page.css", "app.conf"];
  return otherByte(join(folder, names[random(names.length)] ?? ""));
}

/** One character of a value; a digit stays one, so that the definition stays valid. */
async function otherValue({ folder }: Project): Promise<() => Promise<void>> {
  const names = Object.keys(values) as (keyof typeof values)[];
  const name = names[random(names.length)] ?? "mode";
  const text = values[name];
  const places = Array.from(text).flatMap((letter, index) =>
    /[a-z0-9]/.test(letter) ? index : [],
  );
  const place = places[random(places.length)] ?? 0;
  const alphabet = /\d/.test(text[place] ?? "") ? "123456789" : "abcdefghijklmnopqrstuvwxyz";
  const others = Array.from(alphabet).filter((letter) => letter !== text[place]);
  const letter = others[random(others.length)] ?? "";
  const changed = text.slice(0, place) + letter + text.slice(place + 1);
  const file = join(folder, "values.json");
  await writeFile(file, JSON.stringify({ ...values, [name]: changed }));
  return () => writeFile(file, JSON.stringify(values));
}

/** An image of which one byte of one file is another. */
async function otherImage(folder: string): Promise<() => Promise<void>> {
  const root = join(folder, "root");
  await mkdir(join(root, "bin"), { recursive: true });
  const busybox = Bun.which("busybox") ?? "";
  const file = join(root, "bin/busybox");
  await copyFile(busybox, file);
  const bytes = await readFile(file);
  const place = random(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ (1 + random(255));
  await writeFile(file, bytes);
  const tar = join(folder, "image.tar");
  await must("tar", "-C", root, "-cf", tar, ".");
  const id = await must("docker", "import", "--change", 'CMD ["sleep", "999"]', tar);
  await must("docker", "tag", id, image);
  return async () => {
    await must("docker", "tag", smallImage, image);
    await must("docker", "rmi", id);
  };
}

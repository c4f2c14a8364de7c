import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dir);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  /** The older form. */
  readonly licenses?: readonly { readonly type: string }[];
  readonly description?: string;
}

interface License {
  readonly license: {
    readonly id?: string;
    readonly name?: string;
    readonly text?: { readonly contentType: string; readonly content: string };
  };
}

interface Component {
  readonly type: "library" | "platform" | "application";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly (License | { readonly expression: string })[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly description?: string;
}

/**
 * Creates a software bill of materials in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): every package with its
 * version, hash and licence text. The same sources give the same bytes.
 *
 * @param sources the source files of the executable, relative to the repository
 */
export async function makeSbom(version: string, sources: Iterable<string>): Promise<object> {
  const lock = await Bun.file(join(root, "bun.lock")).text();
  const folders = new Set([...sources].flatMap((name) => packageFolder(name) ?? []));
  const packages = await Promise.all([...folders].map((folder) => describe(folder, lock)));
  const components = [bunItself(), ...packages].toSorted((a, b) => (a.purl < b.purl ? -1 : 1));
  const own = application(version);
  const content = {
    metadata: { component: own },
    components,
    dependencies: [
      { ref: own["bom-ref"], dependsOn: components.map((component) => component["bom-ref"]) },
    ],
  };
  const head = { bomFormat: "CycloneDX", specVersion: "1.6", version: 1 };
  return { ...head, serialNumber: serialNumber(JSON.stringify(content)), ...content };
}

/** "node_modules/a/node_modules/@b/c/index.js" -> "node_modules/a/node_modules/@b/c" */
function packageFolder(source: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(source)?.[0];
}

async function describe(folder: string, lock: string): Promise<Component> {
  const manifest = (await Bun.file(join(root, folder, "package.json")).json()) as Manifest;
  const { name, version, description } = manifest;
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    ...(description !== undefined && { description }),
    purl,
    hashes: [{ alg: "SHA-512", content: hashIn(lock, `${name}@${version}`) }],
    licenses: [await licenseOf(folder, manifest)],
  };
}

/** The registry's hash of a package's archive, in hexadecimal. */
function hashIn(lock: string, id: string): string {
  const line = lock.split("\n").find((text) => text.includes(`["${id}", `));
  const hash = /"sha512-([^"]+)"/.exec(line ?? "")?.[1];
  if (hash === undefined) throw new Error(`bun.lock has no hash of ${id}`);
  return Buffer.from(hash, "base64").toString("hex");
}

async function licenseOf(
  folder: string,
  { name, license: declared, licenses }: Manifest,
): Promise<License | { expression: string }> {
  const license = declared ?? licenses?.map(({ type }) => type).join(" OR ");
  if (license === undefined) throw new Error(`${name} declares no licence`);
  if (/ (OR|AND|WITH) /.test(license)) return { expression: license };
  const names = await readdir(join(root, folder));
  const file = names.toSorted().find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) return { license: { id: license } };
  const content = await Bun.file(join(root, folder, file)).text();
  return { license: { id: license, text: { contentType: "text/plain", content } } };
}

function application(version: string): Component {
  const purl = `pkg:github/reyns/reyns@v${version}`;
  const licenses = [{ license: { id: "Apache-2.0" } }];
  return { type: "application", "bom-ref": purl, name: "reyns", version, purl, licenses };
}

/** The runtime inside every executable. */
function bunItself(): Component {
  const purl = `pkg:github/oven-sh/bun@bun-v${Bun.version}`;
  return {
    type: "platform",
    "bom-ref": purl,
    name: "bun",
    version: Bun.version,
    description:
      "JavaScript runtime; contains JavaScriptCore of WebKit (LGPL-2) and others, see https://bun.com/docs/project/license",
    purl,
    licenses: [{ expression: "MIT AND LGPL-2.0-only" }],
  };
}

/** A UUID derived from the content (RFC 9562, version 8). */
function serialNumber(content: string): string {
  const hex = createHash("sha256").update(content).digest("hex");
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${groups.join("-")}`;
}

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { must, run } from "../engine/support/images-container.ts";
import { createHome } from "./support/home.ts";
import { serveReleases, type ReleaseServer } from "./support/release-server.ts";

setDefaultTimeout(240_000);

const repository = join(import.meta.dir, "../..");
const version = "9.9.9-test.1";

/** Two copies of the sources, in folders with names of other lengths. */
let outer = "";
let [here, elsewhere] = ["", ""];
// Not release.sh, which sees to the packages first: here they are links to those of the repository.
const release = (copy: string): string[] => ["env", "-C", copy, "bun", "scripts/release.ts"];
const made = (copy: string, file = ""): string => join(copy, "dist/release", version, file);

beforeAll(async () => {
  await mkdir(join(repository, "dist"), { recursive: true });
  outer = await mkdtemp(join(repository, "dist/release-test-"));
  [here, elsewhere] = [join(outer, "here"), join(outer, "a/folder/elsewhere")];
  for (const copy of [here, elsewhere]) await copySources(copy);
  await Promise.all([
    must(...release(here), version, "linux-x64", "linux-arm64"),
    must(...release(elsewhere), version, "linux-x64"),
  ]);
}, 300_000);
afterAll(() => rm(outer, { recursive: true, force: true }));

async function copySources(copy: string): Promise<void> {
  await mkdir(copy, { recursive: true });
  const list = await must("git", "-C", repository, "ls-files", "-co", "--exclude-standard");
  const files = list.split("\n").filter((name) => !name.startsWith("test/"));
  const words = ["cp", "--archive", "--parents", ...files, copy];
  await must("env", "-C", repository, ...words);
  // Hard links, not copies: the packages are large. A symbolic link would lead out of the copy.
  await must("cp", "--archive", "--link", "-H", join(repository, "node_modules"), copy);
}

test("the same sources give the same bytes in every folder", async () => {
  for (const name of [`reyns-${version}-linux-x64.gz`, `reyns-${version}.cdx.json`, "install.sh"]) {
    const [one, other] = [Bun.file(made(here, name)), Bun.file(made(elsewhere, name))];
    expect(Buffer.compare(await one.bytes(), await other.bytes())).toBe(0);
  }
});

test("a release has all files and correct checksums", async () => {
  expect((await readdir(made(here))).toSorted()).toEqual([
    "NOTES.md",
    "SHA256SUMS",
    "install.sh",
    `reyns-${version}-linux-arm64.gz`,
    `reyns-${version}-linux-x64.gz`,
    `reyns-${version}.cdx.json`,
  ]);
  await must("env", "-C", made(here), "sha256sum", "--check", "--strict", "SHA256SUMS");
  // RFC 1952: magic, deflate, no name, no time.
  const head = await Bun.file(made(here, `reyns-${version}-linux-arm64.gz`))
    .slice(0, 8)
    .bytes();
  expect([...head]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
});

test("the SBOM names every package with its licence", async () => {
  const sbom = await Bun.file(made(here, `reyns-${version}.cdx.json`)).json();
  expect(sbom).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { version } } });
  const named = sbom.components.map(({ name }: { name: string }) => name);
  expect(named).toContain("dockerode");
  // It is embedded as a file of its own.
  expect(named).toContain("@babel/parser");
  expect(named).toContain("bun");
  expect(named).not.toContain("typescript");
  for (const { licenses } of sbom.components) expect(licenses).toHaveLength(1);
});

test("release refuses a version that is not package.json's, and an unknown target", async () => {
  const [wrong, unknown] = await Promise.all([
    run([...release(here), "9.9.9"]),
    run([...release(here), version, "linux-riscv"]),
  ]);
  expect(wrong).toMatchObject({ status: 1 });
  expect(wrong.stderr).toMatch(/^release: the version in package.json is .*, not 9.9.9\n$/);
  expect(unknown.stderr).toContain("unknown target linux-riscv; accepted: linux-x64,");
});

test("the installer installs a release that runs", async () => {
  await using server = serveReleases();
  await serveMade(server);
  await using home = await createHome();
  const words = ["--base-url", server.url, "--version", version];
  const { status, stderr } = await home.install(words);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(await must(join(home.folder, ".local/bin/reyns"), "version")).toBe(`reyns ${version}`);
});

async function serveMade({ files }: ReleaseServer): Promise<void> {
  for (const name of await readdir(made(here)))
    files.set(`/download/v${version}/${name}`, await Bun.file(made(here, name)).bytes());
}

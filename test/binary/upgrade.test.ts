import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { must, run, type Output } from "../engine/support/images-container.ts";
import { createHome, type Home, receiptFile } from "./support/home.ts";
import { serveReleases, sha256, standIn, type ReleaseServer } from "./support/release-server.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

const { version } = packageJson;
const built = join(import.meta.dir, "../../dist/reyns");
const newer = "99.0.0";
const target = `linux-${process.arch}`;
const completionFile = ".local/share/bash-completion/completions/reyns";
const archive = `/download/v${newer}/reyns-${newer}-${target}.gz`;

let server: ReleaseServer;
let home: Home;
let executable = "";

/** The real executable, put there by the installer; what is newer stands in for one. */
beforeAll(async () => {
  server = serveReleases();
  server.publish(version, await Bun.file(built).bytes());
  const completion = join(import.meta.dir, "../fixtures/completion");
  server.publish(newer, standIn(newer, completion));
  home = await createHome("a user");
  executable = join(home.folder, ".local/bin/reyns");
  const words = ["--base-url", server.url, "--version", version];
  expect(await home.install(words)).toMatchObject({ status: 0, stderr: "" });
  await must("cp", "-a", home.folder, `${home.folder}.installed`);
});
afterAll(async () => {
  await home?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** As the installer has left it, in a fraction of its time. */
async function installAgain(): Promise<void> {
  await must("cp", "-aT", `${home.folder}.installed`, home.folder);
}

const call = (line: string, file = executable): Promise<Output> => home.call(file, line);

const sumsFor = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(`${sha256(bytes)}  reyns-${newer}-${target}.gz\n`);
const sums = "/latest/download/SHA256SUMS";
const gzip = (text: string): Uint8Array => Bun.gzipSync(Buffer.from(text));

/** The executable and its receipt are those that were installed, and nothing lies beside them. */
async function expectUntouched(): Promise<void> {
  const files = [".bashrc", ".local/bin/reyns", completionFile, receiptFile, ".profile"];
  expect(await home.files()).toEqual(files);
  expect(await home.receipt()).toMatchObject({ version, installedBy: "install.sh" });
  expect((await call("version")).stdout).toBe(`reyns ${version}\n`);
}

describe("upgrade", () => {
  test("upgrade check names the newer release, and changes nothing", async () => {
    const { status, stdout } = await call("upgrade check");
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `reyns ${version} -> ${newer}  (check: nothing was changed)\n`,
    });
    const json = JSON.parse((await call("upgrade check json")).stdout);
    expect(json).toEqual({ from: version, to: newer, changed: false, file: executable });
    expect((await call(`upgrade version=v${version}`)).stdout).toBe(
      `reyns ${version} is the requested release: nothing to do\n`,
    );
    await expectUntouched();
  });

  test("upgrade does nothing when no release is newer", async () => {
    for (const [latest, says] of [
      [version, `reyns ${version} is the latest release: nothing to do\n`],
      ["0.0.1", `reyns ${version} is newer than the latest release, 0.0.1: nothing to do\n`],
    ] as const) {
      const list = Buffer.from(`${"0".repeat(64)}  reyns-${latest}-${target}.gz\n`);
      await server.withFiles({ [sums]: list }, async () => {
        expect(await call("upgrade")).toMatchObject({ status: 0, stdout: says });
      });
    }
    await expectUntouched();
  });

  const other = gzip(standIn("other"));
  const half = gzip(standIn(newer)).slice(0, 40);
  const lame = gzip("#!/bin/sh\necho no libstdc++ >&2\nexit 127\n");
  const [mismatch, bad] = ["CHECKSUM_MISMATCH", "BAD_EXECUTABLE"] as const;
  const refused: readonly (readonly [string, Record<string, Uint8Array>, string, string])[] = [
    [
      "another file than the release names",
      { [archive]: other },
      mismatch,
      "does not match the checksum of its release",
    ],
    ["half a file", { [archive]: half }, mismatch, "does not match"],
    ["no sums", { [sums]: Buffer.from("") }, mismatch, "has no checksum for"],
    ["one that does not run", { [archive]: lame, [sums]: sumsFor(lame) }, bad, "does not run"],
    ["one of another version", { [archive]: other, [sums]: sumsFor(other) }, bad, "does not run"],
  ];
  test.each(refused)("%s is refused", async (_, files, code, message) => {
    await server.withFiles(files, async () => {
      const { status, stdout } = await call("upgrade json");
      expect(status).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
      expect(stdout).toContain(message);
    });
    await expectUntouched();
  });

  test.each([
    ["version=98.0.0", 1, "status 404"],
    ["version=../x", 2, 'invalid version: "../x"'],
    ["base_url=http://example.org", 2, "http:// on this machine only"],
    ["base_url=http://127.0.0.1:1", 1, "cannot download http://127.0.0.1:1/latest"],
  ])("upgrade %s", async (words, status, says) => {
    const output = await call(`upgrade ${words}`);
    expect(output).toMatchObject({ status, stdout: "" });
    expect(output.stderr).toContain(says);
    await expectUntouched();
  });

  test("upgrade and uninstall refuse an executable that the installer did not put there", async () => {
    const copy = join(home.folder, "copy");
    await copyFile(executable, copy);
    for (const words of ["upgrade", "uninstall yes"]) {
      const { status, stderr } = await call(words, copy);
      expect(status).toBe(1);
      expect(stderr).toContain(`run ${executable} instead`);
    }
    await must("rm", copy);
    const receipt = join(home.folder, receiptFile);
    await rename(receipt, `${receipt}.away`);
    for (const words of ["upgrade", "uninstall yes"])
      expect((await call(words)).stderr).toContain("this reyns was not installed by install.sh");
    await rename(`${receipt}.away`, receipt);
    const before = await readFile(receipt, "utf8");
    await writeFile(receipt, before.replace(/"sha256": "./, '"sha256": "x'));
    for (const words of ["upgrade", "uninstall yes"])
      expect((await call(words)).stderr).toContain("has changed since install.sh installed it");
    await writeFile(receipt, "{");
    expect((await call("upgrade")).stderr).toContain("invalid receipt");
    await writeFile(receipt, before);
    await expectUntouched();
  });

  test("the old executable still works after the disk was full", async () => {
    const full = join(home.folder, "full");
    await must("mkdir", full);
    const mounted = await run(["mount", "-t", "tmpfs", "-o", "size=140m", "tmpfs", full]);
    if (mounted.status !== 0) return console.warn("skipped: no mount here");
    try {
      const receipt = join(home.folder, receiptFile);
      const before = await readFile(receipt, "utf8");
      const moved = join(full, "reyns");
      await copyFile(executable, moved);
      await writeFile(receipt, before.replaceAll(executable, moved));
      const large = Bun.gzipSync(Buffer.alloc(60_000_000), { level: 1 });
      await server.withFiles({ [archive]: large, [sums]: sumsFor(large) }, async () => {
        const output = await call("upgrade", moved);
        expect(output).toMatchObject({ status: 1, stdout: "" });
        expect(output.stderr).toMatch(/cannot use .*\/full: the disk is full/);
      });
      expect(await must("ls", "-A", full)).toBe("reyns");
      expect((await call("version", moved)).stdout).toBe(`reyns ${version}\n`);
      await writeFile(receipt, before);
    } finally {
      await must("umount", full);
    }
    await must("rmdir", full);
    await expectUntouched();
  });

  test("upgrade replaces the running executable and its receipt", async () => {
    const { status, stdout, stderr } = await call("upgrade");
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `reyns ${version} -> ${newer}  ${executable}\n`,
    });
    expect(await home.read(completionFile)).toBe("# newer\n");
    expect(stderr).toBe(`downloading reyns ${newer} for ${target}\n`);
    expect((await call("version")).stdout).toBe(`reyns ${newer}\n`);
    expect(await home.receipt()).toMatchObject({
      version: newer,
      file: executable,
      sha256: sha256(await readFile(executable)),
      source: `${server.url}${archive}`,
      installedBy: "reyns upgrade",
      shellFiles: [join(home.folder, ".bashrc"), join(home.folder, ".profile")],
    });
  });

  test("the installer understands the upgraded receipt", async () => {
    expect((await home.install(["--uninstall"])).status).toBe(0);
    expect(await home.files()).toEqual([]);
    await installAgain();
    await expectUntouched();
  });
});

describe("uninstall", () => {
  test("uninstall asks, and needs yes without a terminal", async () => {
    const { status, stderr } = await call("uninstall");
    expect(status).toBe(2);
    expect(stderr).toContain("cannot ask without a terminal");
    await using terminal = await openTerminal({
      folder: home.folder,
      env: { HOME: home.folder, PATH: `${join(executable, "..")}:/usr/bin:/bin` },
    });
    await terminal.type("reyns uninstall");
    await terminal.see("Uninstall reyns?");
    await terminal.press("Enter");
    await terminal.see("cancelled; nothing was changed");
    await expectUntouched();
  });

  test("uninstall says how to take root certificates out that trust has put in", async () => {
    const record = {
      ...{ schema: 1, project: "shop", origin: "/shop", fingerprint: "0".repeat(64), pem: "" },
      stores: [],
    };
    const folder = join(home.folder, ".local/share/reyns/trust");
    await mkdir(folder);
    await writeFile(join(folder, "reyns-shop-00000000.json"), JSON.stringify(record));
    const { stderr } = await call("uninstall");
    await rm(folder, { recursive: true });
    expect(stderr).toContain("reyns trust remove=true all=true");
    expect((await call("uninstall")).stderr).not.toContain("reyns trust");
  });

  test("uninstall restores what was there before", async () => {
    await writeFile(
      join(home.folder, ".bashrc"),
      `# mine\n${await home.read(".bashrc")}alias l=ls`,
    );
    const { status, stdout, stderr } = await call("uninstall yes");
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${executable} is removed\n` });
    expect(stderr).toContain(`This removes\n  ${executable}\n  ${home.folder}/${completionFile}\n`);
    expect(stderr).toContain("It keeps your projects with their keys and data");
    expect(await home.files()).toEqual([".bashrc"]);
    expect(await home.read(".bashrc")).toBe("# mine\nalias l=ls");
  });
});

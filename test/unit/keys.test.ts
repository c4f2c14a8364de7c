import { expect, test } from "bun:test";
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTsigKey } from "../../src/dns/tsig/key.ts";
import { ensureKeys, readKeys } from "../../src/runtime/keys/store.ts";
import { errorsIn, projectFolder } from "./support/project-folder.ts";

const names = [
  "id_ed25519",
  "id_ed25519.pub",
  "known_hosts",
  "ssh_host_ca_ed25519",
  "ssh_host_ca_ed25519.pub",
  "tsig.key",
];

async function contents(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(
      files.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
}

test("keys are created when they are first needed, for their owner only, and never changed", async () => {
  await using project = await projectFolder({});
  const folder = join(project.folder, ".reyns", "keys");
  await ensureKeys(folder);
  const first = await contents(folder);
  expect(Object.keys(first)).toEqual(names);
  for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(await readFile(join(project.folder, ".reyns", ".gitignore"), "utf8")).toBe("*\n");
  expect(first["known_hosts"]).toBe(`@cert-authority * ${first["ssh_host_ca_ed25519.pub"]}`);
  expect(first["id_ed25519"]).not.toBe(first["ssh_host_ca_ed25519"] as string);
  const key = parseTsigKey(first["tsig.key"] ?? "", "tsig.key");
  expect(key.secret.length).toBeGreaterThanOrEqual(32);
  await ensureKeys(folder);
  expect(await contents(folder)).toEqual(first);
});

test("simultaneous runs end up with the same keys, and leave no drafts", async () => {
  await using project = await projectFolder({});
  const folder = join(project.folder, ".reyns", "keys");
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      await ensureKeys(folder);
      expect(Object.keys(await contents(folder))).toEqual(names);
    }),
  );
  expect((await readdir(join(project.folder, ".reyns"))).toSorted()).toEqual([
    ".gitignore",
    "keys",
  ]);
});

test("keys of an earlier version get an authority, the same for all calls, and keep the other keys", async () => {
  await using project = await projectFolder({});
  const folder = join(project.folder, ".reyns", "keys");
  await ensureKeys(folder);
  const { ssh_host_ca_ed25519, ...made } = await contents(folder);
  const former = {
    ssh_host_ed25519_key: ssh_host_ca_ed25519 ?? "",
    known_hosts: "reyns-instance x",
  };
  for (const name of ["ssh_host_ca_ed25519", "ssh_host_ca_ed25519.pub"])
    await rm(join(folder, name));
  for (const [name, text] of Object.entries(former)) await writeFile(join(folder, name), text);
  await Promise.all(Array.from({ length: 8 }, () => ensureKeys(folder)));
  const found = await contents(folder);
  expect(Object.keys(found)).toEqual([...names, "ssh_host_ed25519_key"].toSorted());
  expect(found["ssh_host_ca_ed25519"]).not.toBe(ssh_host_ca_ed25519 ?? "");
  for (const name of ["id_ed25519", "id_ed25519.pub", "tsig.key"])
    expect(found[name]).toBe(made[name] ?? "");
  // Whose parts belong together, or it throws.
  const { authority } = await readKeys(folder);
  expect(found["known_hosts"]).toBe(`@cert-authority * ${authority.publicKey}`);
});

test("a folder with other content is left alone, with an error", async () => {
  await using project = await projectFolder({ ".reyns/keys/mine": "x" });
  const folder = join(project.folder, ".reyns", "keys");
  const [error] = errorsIn(await ensureKeys(folder).catch((thrown: unknown) => thrown));
  expect(error).toMatchObject({ code: "KEYS_UNUSABLE" });
  expect(await contents(folder)).toEqual({ mine: "x" });
  expect((await readdir(join(project.folder, ".reyns"))).toSorted()).toEqual([
    ".gitignore",
    "keys",
  ]);
});

/** The fields of an unencrypted key in OpenSSH's form. */
function fieldsOf(privateKey: string): { publicKey: Buffer; secret: Buffer; comment: string } {
  const blob = Buffer.from(privateKey.replace(/-----.*-----|\n/g, ""), "base64");
  const reader = { at: "openssh-key-v1\0".length };
  const next = (from: Buffer = blob): Buffer => {
    const length = from.readUInt32BE(reader.at);
    reader.at += 4 + length;
    return from.subarray(reader.at - length, reader.at);
  };
  expect([next().toString(), next().toString(), next().toString()]).toEqual(["none", "none", ""]);
  reader.at += 4;
  next();
  const secret = next();
  reader.at = 8;
  expect(secret.readUInt32BE(0)).toBe(secret.readUInt32BE(4));
  expect(secret.length % 8).toBe(0);
  expect(next(secret).toString()).toBe("ssh-ed25519");
  const publicKey = next(secret);
  const both = next(secret);
  const comment = next(secret).toString();
  expect([...secret.subarray(reader.at)]).toEqual(
    Array.from({ length: secret.length - reader.at }, (_, index) => index + 1),
  );
  expect(both.subarray(32).equals(publicKey)).toBe(true);
  return { publicKey, secret: both.subarray(0, 32), comment };
}

test("a private key signs what its public key verifies", async () => {
  await using project = await projectFolder({});
  const folder = join(project.folder, ".reyns", "keys");
  await ensureKeys(folder);
  const keys = await contents(folder);
  for (const [name, comment] of [
    ["id_ed25519", "reyns"],
    ["ssh_host_ca_ed25519", "reyns-hosts"],
  ] as const) {
    const { publicKey, secret, comment: found } = fieldsOf(keys[name] ?? "");
    expect(found).toBe(comment);
    const [kind, blob = ""] = (keys[`${name}.pub`] ?? "").split(" ");
    expect(kind).toBe("ssh-ed25519");
    expect(Buffer.from(blob, "base64").subarray(-32).equals(publicKey)).toBe(true);
    const jwk = { kty: "OKP", crv: "Ed25519", x: publicKey.toString("base64url") };
    const privateKey = createPrivateKey({
      key: { ...jwk, d: secret.toString("base64url") },
      format: "jwk",
    });
    const signature = sign(null, Buffer.from("x"), privateKey);
    expect(
      verify(null, Buffer.from("x"), createPublicKey({ key: jwk, format: "jwk" }), signature),
    ).toBe(true);
  }
});

const sshKeygen = Bun.which("ssh-keygen");
if (!sshKeygen) console.warn("ssh-keygen is not installed: what it says of the keys is not tested");

test.skipIf(!sshKeygen)("ssh-keygen derives the public key from a private one", async () => {
  await using project = await projectFolder({});
  for (let round = 0; round < 2; round += 1) {
    const folder = join(project.folder, `${round}`, "keys");
    await ensureKeys(folder);
    for (const name of ["id_ed25519", "ssh_host_ca_ed25519"]) {
      const { stdout, exitCode } = Bun.spawnSync([sshKeygen ?? "", "-y", "-f", join(folder, name)]);
      expect(exitCode).toBe(0);
      expect(stdout.toString()).toBe(await readFile(join(folder, `${name}.pub`), "utf8"));
    }
  }
});

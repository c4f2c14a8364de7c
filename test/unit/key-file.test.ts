import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { symlinkSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { formatKeyFile, readKeyFile, writeKeyFile } from "../../src/runtime/keys/export-file.ts";
import { createKeySet, keyFilesOf, type KeySet } from "../../src/runtime/keys/key-set.ts";
import { replaceKeys } from "../../src/runtime/keys/store.ts";
import { projectFolder, rejectedBy } from "./support/project-folder.ts";

// Other programs start.
setDefaultTimeout(30_000);

const keys = createKeySet();
const others = createKeySet();
const text = formatKeyFile({ keys, project: "shop" });

type Document = { version: unknown; files: Record<string, unknown> };

/** The exported text with something changed in it. */
function changed(change: (document: Document) => void): string {
  const document = JSON.parse(text) as Document;
  change(document);
  return JSON.stringify(document);
}

const withFile = (name: string, content: unknown): string =>
  changed(({ files }) => void (files[name] = content));

/** Whatever can be mistaken for a key's content. */
function secretsOf(set: KeySet): string[] {
  const { privateKey } = set.user;
  const lines = `${privateKey}${set.authority.privateKey}`
    .split("\n")
    .filter((line) => line.length > 50);
  return [...lines.slice(1), Buffer.from(set.tsig.secret).toString("base64")];
}

test("an exported file is read back, and contains only the secrets", async () => {
  await using project = await projectFolder({ "keys.json": text });
  const read = await readKeyFile(join(project.folder, "keys.json"));
  expect(read).toEqual({ keys, project: "shop" });
  expect(Object.keys((JSON.parse(text) as Document).files)).toEqual([
    "id_ed25519",
    "ssh_host_ca_ed25519",
    "tsig.key",
  ]);
});

test("a folder with keys is read, with and without public files", async () => {
  await using project = await projectFolder({});
  const [folder, mine] = [join(project.folder, ".reyns/keys"), join(project.folder, "mine")];
  await replaceKeys(folder, keys);
  await cp(folder, mine, { recursive: true });
  expect((await readKeyFile(mine)).keys).toEqual(keys);
  for (const name of ["id_ed25519.pub", "known_hosts"]) await rm(join(mine, name));
  expect((await readKeyFile(mine)).keys).toEqual(keys);
});

test("keys of an earlier version are read with a new authority", async () => {
  const former = changed(({ files }) => {
    files["ssh_host_ed25519_key"] = files["ssh_host_ca_ed25519"];
    delete files["ssh_host_ca_ed25519"];
  });
  await using project = await projectFolder({ "keys.json": former });
  const { user, authority, tsig } = (await readKeyFile(join(project.folder, "keys.json"))).keys;
  expect({ user, tsig }).toEqual({ user: keys.user, tsig: keys.tsig });
  expect(authority.fingerprint).not.toBe(keys.authority.fingerprint);
});

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const pem = (form: "pkcs1" | "pkcs8"): string =>
  rsa.export({ type: form, format: "pem" }).toString();
const tsig = keyFilesOf(keys)["tsig.key"] ?? "";
const secret = Buffer.from(keys.tsig.secret).toString("base64");
const armoured = (blob: Buffer): string =>
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${blob.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
const blob = Buffer.from(keys.user.privateKey.replace(/-----.*-----|\n/g, ""), "base64");
const withByte = (at: number): string => {
  const copy = Buffer.from(blob);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return armoured(copy);
};

describe("an import error contains none of the file's content", () => {
  test.each<[string, string, RegExp]>([
    ["nothing", "", /the file is empty/],
    ["no JSON", text.slice(0, -20), /not JSON, or truncated/],
    ["JSON of somebody else", "[1]", /"reyns": "keys" and "files" are missing/],
    ["null", "null", /are missing/],
    ["10 MB", `${text}${" ".repeat(10_000_000)}`, /longer than 64 KB/],
    ["another version", changed((one) => void (one.version = 2)), /a newer version/],
    ["a path", withFile("../../etc/cron.d/x", "x"), /1 of its files are not keys/],
    ["__proto__", text.replace('"tsig.key"', '"__proto__"'), /1 of its files are not keys/],
    ["a number", withFile("tsig.key", 7), /content of a file is not a string/],
    ["no user's key", changed(({ files }) => delete files["id_ed25519"]), /^id_ed25519 is missing/],
    ["no TSIG key", changed(({ files }) => delete files["tsig.key"]), /^tsig.key is missing/],
    ["an RSA key", withFile("id_ed25519", pem("pkcs1")), /in the format RSA instead of OpenSSH/],
    ["PKCS8", withFile("id_ed25519", pem("pkcs8")), /in the format PKCS8 instead of OpenSSH/],
    [
      "no key",
      withFile("id_ed25519", secretsOf(keys).join("\n")),
      /id_ed25519: it is not a private key/,
    ],
    ["a short one", withFile("id_ed25519", armoured(blob.subarray(0, 99))), /truncated/],
    ["much nesting", `{"reyns":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, /are missing/],
    ["endless nesting", "[".repeat(60_000), /not JSON, or truncated/],
    ["files in a list", '{"reyns":"keys","version":1,"files":["x"]}', /are missing/],
    ["a list for a file", withFile("id_ed25519", [keys.user.privateKey]), /is not a string/],
    ["a version that is no number", changed((one) => void (one.version = "1")), /newer version/],
    [
      "lines among its own",
      withFile("id_ed25519", keys.user.privateKey.replace("\n", '\ncommand="id" \u001B[2J\n')),
      /^id_ed25519: it is damaged/,
    ],
    [
      "two keys in a file",
      withFile("id_ed25519", keys.user.privateKey + others.user.privateKey),
      /^id_ed25519: it is/,
    ],
    [
      "the user's key for the authority's",
      withFile("ssh_host_ca_ed25519", keys.user.privateKey),
      /are the same key/,
    ],
    [
      "a TSIG key with more statements",
      withFile("tsig.key", `${tsig}include "/etc/passwd";`),
      /^tsig.key: .*more than one key/,
    ],
    [
      "a TSIG name with quotes",
      withFile("tsig.key", tsig.replace('"reyns"', '"reyns\\"; }; options { x')),
      /^tsig.key: /,
    ],
    ["other public half", withFile("id_ed25519", withByte(80)), /do not match/],
    ["other private half", withFile("id_ed25519", withByte(170)), /do not match/],
    [
      "another's .pub",
      withFile("id_ed25519.pub", others.user.publicKey),
      /^id_ed25519.pub: it does not belong/,
    ],
    [
      "another's known_hosts",
      withFile("known_hosts", keyFilesOf(others)["known_hosts"]),
      /^known_hosts: it does not belong to ssh_host_ca/,
    ],
    [
      "MD5",
      withFile("tsig.key", tsig.replace("sha256", "md5")),
      /the algorithm "hmac-md5" is not supported/,
    ],
    ["a weak secret", withFile("tsig.key", tsig.replace(secret, "AAAA")), /shorter than 16 bytes/],
    [
      "another name",
      withFile("tsig.key", tsig.replace('"reyns"', '"mine"')),
      /must be named "reyns"/,
    ],
    [
      "mixed up",
      withFile("tsig.key", tsig.replace("hmac-sha256", secret)),
      /the algorithm \(hidden\)/,
    ],
  ])("%s", async (_, content, message) => {
    await using project = await projectFolder({ "keys.json": content });
    const errors = await rejectedBy(readKeyFile(join(project.folder, "keys.json")));
    expect(errors.map((error) => error.message).join("\n")).toMatch(message);
    for (const error of errors) {
      expect(error).toMatchObject({ code: "KEYS_UNUSABLE" });
      const shown = `${error.message}${error.hint}${String(error.cause)}`;
      for (const one of secretsOf(keys)) expect(shown).not.toContain(one);
    }
  });

  test("all errors are reported at once", async () => {
    const content = changed((document) => {
      document.files = { id_ed25519: pem("pkcs1"), "tsig.key": "key" };
    });
    await using project = await projectFolder({ "keys.json": content });
    const errors = await rejectedBy(readKeyFile(join(project.folder, "keys.json")));
    expect(errors.map(({ message }) => message.split(":")[0])).toEqual([
      "ssh_host_ca_ed25519 is missing",
      "id_ed25519",
      "tsig.key",
    ]);
  });
});

test("a key file is readable for its owner only, and replaces another one only with force", async () => {
  await using project = await projectFolder({ "keys.json": "mine" });
  const file = join(project.folder, "keys.json");
  const [refused] = await rejectedBy(writeKeyFile(file, text, false));
  expect(refused).toMatchObject({ code: "FILE_REFUSED", hint: expect.stringContaining("force") });
  expect(await readFile(file, "utf8")).toBe("mine");
  await writeKeyFile(file, text, true);
  expect(await readFile(file, "utf8")).toBe(text);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readdir(project.folder)).filter((name) => name.includes("json"))).toEqual([
    "keys.json",
  ]);
});

test.each([
  ["a pipe", (path: string) => Bun.spawnSync(["mkfifo", path])],
  ["a device", (path: string) => symlinkSync("/dev/zero", path)],
])("%s is no file of keys, and is not waited for", async (_, make) => {
  await using project = await projectFolder({});
  const file = join(project.folder, "keys.json");
  make(file);
  const [refused] = await rejectedBy(readKeyFile(file));
  expect(refused).toMatchObject({ code: "FILE_REFUSED", hint: expect.stringContaining("-") });
  await rm(file);
  await mkdir(join(project.folder, "mine"));
  make(join(project.folder, "mine/id_ed25519"));
  const [odd] = await rejectedBy(readKeyFile(join(project.folder, "mine")));
  expect(odd).toMatchObject({ code: "KEYS_UNUSABLE" });
});

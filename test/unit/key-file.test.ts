import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { symlinkSync } from "node:fs";
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatKeyFile, readKeyFile, writeKeyFile } from "../../src/runtime/keys/export-file.ts";
import {
  createKeySet,
  keyFilesOf,
  fingerprintsOf,
  type KeySet,
} from "../../src/runtime/keys/key-set.ts";
import { ensureKeys, readKeys, replaceKeys } from "../../src/runtime/keys/store.ts";
import { keysDigest } from "../../src/runtime/keys/digests.ts";
import { inspectKeyFiles } from "../../src/runtime/keys/inspect.ts";
import { createSshKey, parseSshKey } from "../../src/runtime/keys/ssh-key.ts";
import { errorsIn, projectFolder } from "./support/project-folder.ts";

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
    const thrown = await readKeyFile(join(project.folder, "keys.json")).catch(
      (error: unknown) => error,
    );
    const errors = errorsIn(thrown);
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
    const thrown = await readKeyFile(join(project.folder, "keys.json")).catch(
      (error: unknown) => error,
    );
    expect(errorsIn(thrown).map(({ message }) => message.split(":")[0])).toEqual([
      "ssh_host_ca_ed25519 is missing",
      "id_ed25519",
      "tsig.key",
    ]);
  });
});

const sshKeygen = Bun.which("ssh-keygen");
if (!sshKeygen) console.warn("ssh-keygen is not installed: its keys are not tested");

describe.skipIf(!sshKeygen)("keys of ssh-keygen", () => {
  const made = async (...words: string[]) => {
    const project = await projectFolder({});
    const file = join(project.folder, "id");
    Bun.spawnSync([sshKeygen ?? "", "-q", "-f", file, ...words]);
    return { ...project, file, [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]() };
  };

  test("are read with the fingerprints that it prints", async () => {
    await using one = await made("-t", "ed25519", "-N", "", "-C", "me at home");
    const key = parseSshKey(await readFile(one.file, "utf8"));
    expect(key.publicKey).toBe(await readFile(`${one.file}.pub`, "utf8"));
    const shown = Bun.spawnSync([sshKeygen ?? "", "-l", "-f", one.file]).stdout.toString();
    expect(shown).toContain(` ${key.fingerprint} `);
  });

  test.each([
    [["-t", "ed25519", "-N", "secret words"], "it has a passphrase"],
    [["-t", "rsa", "-b", "1024", "-N", ""], "it is a key of ssh-rsa"],
    [["-t", "ecdsa", "-N", ""], "it is a key of ecdsa-sha2-nistp256"],
  ])("of another kind are not: %p", async (words, message) => {
    await using one = await made(...words);
    const content = await readFile(one.file, "utf8");
    expect(() => parseSshKey(content)).toThrow(message);
  });
});

test("a new key is read back, also with Windows line breaks", () => {
  const key = createSshKey("reyns");
  expect(parseSshKey(key.privateKey)).toEqual(key);
  expect(parseSshKey(key.privateKey.replaceAll("\n", "\r\n"))).toEqual(key);
});

test("a key file is readable for its owner only, and replaces another one only with force", async () => {
  await using project = await projectFolder({ "keys.json": "mine" });
  const file = join(project.folder, "keys.json");
  const [refused] = errorsIn(
    await writeKeyFile(file, text, false).catch((error: unknown) => error),
  );
  expect(refused).toMatchObject({ code: "FILE_REFUSED", hint: expect.stringContaining("force") });
  expect(await readFile(file, "utf8")).toBe("mine");
  await writeKeyFile(file, text, true);
  expect(await readFile(file, "utf8")).toBe(text);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readdir(project.folder)).filter((name) => name.includes("json"))).toEqual([
    "keys.json",
  ]);
});

test("replaced keys stay beside the new ones", async () => {
  await using project = await projectFolder({});
  const folder = join(project.folder, ".reyns/keys");
  const digest = await ensureKeys(folder);
  const before = fingerprintsOf(await readKeys(folder));
  const first = await replaceKeys(folder, others);
  const second = await replaceKeys(folder, keys);
  expect(fingerprintsOf(await readKeys(first ?? ""))).toEqual(before);
  expect(fingerprintsOf(await readKeys(second ?? ""))).toEqual(fingerprintsOf(others));
  expect(fingerprintsOf(await readKeys(folder))).toEqual(fingerprintsOf(keys));
  expect(await keysDigest(folder)).not.toBe(digest);
  expect(await keysDigest(first ?? "")).toBe(digest);
  expect(await readdir(join(project.folder, ".reyns"))).toHaveLength(4);
  for (const { mode, problems: faults } of await inspectKeyFiles(folder))
    expect({ shared: mode & 0o077, faults }).toEqual({ shared: 0, faults: [] });
});

test("a mode that lets others in is reported, with the command that fixes it", async () => {
  await using project = await projectFolder({});
  const folder = join(project.folder, ".reyns/keys");
  await ensureKeys(folder);
  await chmod(join(folder, "tsig.key"), 0o644);
  const faults = (await inspectKeyFiles(folder)).flatMap((file) => file.problems);
  const file = join(folder, "tsig.key");
  expect(faults).toEqual([
    { message: `other users may access ${file} (mode 0644)`, remedy: `chmod go= ${file}` },
  ]);
});

test.each([
  ["a pipe", (path: string) => Bun.spawnSync(["mkfifo", path])],
  ["a device", (path: string) => symlinkSync("/dev/zero", path)],
])("%s is no file of keys, and is not waited for", async (_, make) => {
  await using project = await projectFolder({});
  const file = join(project.folder, "keys.json");
  make(file);
  const [refused] = errorsIn(await readKeyFile(file).catch((error: unknown) => error));
  expect(refused).toMatchObject({ code: "FILE_REFUSED", hint: expect.stringContaining("-") });
  await rm(file);
  await mkdir(join(project.folder, "mine"));
  make(join(project.folder, "mine/id_ed25519"));
  const [odd] = errorsIn(
    await readKeyFile(join(project.folder, "mine")).catch((error: unknown) => error),
  );
  expect(odd).toMatchObject({ code: "KEYS_UNUSABLE" });
});

describe("a replacement of keys that was killed", () => {
  const prepare = async () => {
    const project = await projectFolder({});
    const folder = join(project.folder, ".reyns/keys");
    await replaceKeys(folder, keys);
    await cp(folder, `${folder}-next`, { recursive: true });
    return { folder, [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]() };
  };

  test("between its renames is completed by whatever needs the keys next", async () => {
    await using project = await prepare();
    const { folder } = project;
    await rename(folder, `${folder}.old-1`);
    expect(await readKeys(folder)).toEqual(keys);
    expect((await readdir(dirname(folder))).toSorted()).toEqual([
      ".gitignore",
      "keys",
      "keys.old-1",
    ]);
    await rename(folder, `${folder}-next`);
    await ensureKeys(folder);
    expect(await readKeys(folder)).toEqual(keys);
  });

  test("before them leaves the former keys, and the next one takes what is left away", async () => {
    await using project = await prepare();
    const { folder } = project;
    await rm(join(`${folder}-next`, "tsig.key"));
    expect(await readKeys(folder)).toEqual(keys);
    await replaceKeys(folder, others);
    expect(await readKeys(folder)).toEqual(others);
    expect(await readdir(dirname(folder))).toHaveLength(3);
  });
});

test("keys that cannot be replaced stay as they are, and no draft is left", async () => {
  await using project = await projectFolder({});
  const folder = join(project.folder, ".reyns/keys");
  await ensureKeys(folder);
  const before = await readKeys(folder);
  const broken = { ...keys, user: { ...keys.user, privateKey: undefined as unknown as string } };
  expect(await replaceKeys(folder, broken).catch(() => "refused")).toBe("refused");
  expect(await readKeys(folder)).toEqual(before);
  expect((await readdir(join(project.folder, ".reyns"))).toSorted()).toEqual([
    ".gitignore",
    "keys",
  ]);
});

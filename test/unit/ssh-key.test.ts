import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSshKey, parseSshKey } from "../../src/runtime/keys/ssh-key.ts";
import { projectFolder } from "./support/project-folder.ts";

// Other programs start.
setDefaultTimeout(30_000);

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

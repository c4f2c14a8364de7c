import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSshKey, publicBlobOf } from "../../src/runtime/keys/ssh-key.ts";
import {
  isSignatureOf,
  parseSignature,
  signMessage,
} from "../../src/runtime/keys/ssh-signature.ts";
import { must, temporaryFolder } from "../engine/support/images-container.ts";

const namespace = "test@reyns.io";
const message = Buffer.from("what was signed\n");

test("ssh-keygen accepts a signature for its message, namespace and key, and for no other", async () => {
  await using folder = await temporaryFolder();
  const key = createSshKey("shop");
  const signers = join(folder.path, "signers");
  const signature = join(folder.path, "message.sig");
  await writeFile(signers, `shop ${key.publicKey}`);
  await writeFile(signature, signMessage(key, namespace, message));
  const verify = (text: Buffer, name: string): number =>
    Bun.spawnSync(
      ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", "shop", "-n", name, "-s", signature],
      { stdin: text },
    ).exitCode;
  expect(verify(message, namespace)).toBe(0);
  expect(verify(Buffer.from("something else\n"), namespace)).not.toBe(0);
  expect(verify(message, "file")).not.toBe(0);
  await writeFile(signers, `shop ${createSshKey("other").publicKey}`);
  expect(verify(message, namespace)).not.toBe(0);
});

test("a signature that ssh-keygen made is accepted", async () => {
  await using folder = await temporaryFolder();
  const key = createSshKey("shop");
  const [file, text] = [join(folder.path, "key"), join(folder.path, "message")];
  await writeFile(file, key.privateKey, { mode: 0o600 });
  await writeFile(text, message);
  await must("ssh-keygen", "-q", "-Y", "sign", "-f", file, "-n", namespace, text);
  const parsed = parseSignature(await Bun.file(`${text}.sig`).text());
  expect(parsed?.publicBlob).toEqual(publicBlobOf(key));
  expect(parsed && isSignatureOf(parsed, { namespace, message })).toBe(true);
  expect(parsed && isSignatureOf(parsed, { namespace: "file", message })).toBe(false);
});

test("no damaged signature is accepted, and none throws", () => {
  const text = signMessage(createSshKey("shop"), namespace, message);
  for (let place = 0; place < text.length; place++)
    for (const added of [1, 32]) {
      const code = text.charCodeAt(place) ^ added;
      const damaged = text.slice(0, place) + String.fromCharCode(code) + text.slice(place + 1);
      const parsed = parseSignature(damaged);
      const isAccepted = parsed !== undefined && isSignatureOf(parsed, { namespace, message });
      expect([place, added, isAccepted]).toEqual([place, added, false]);
    }
});

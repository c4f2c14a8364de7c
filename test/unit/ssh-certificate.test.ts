import { expect, test } from "bun:test";
import { createPublicKey, verify } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { certifyHost } from "../../src/runtime/keys/ssh-certificate.ts";
import { createSshKey, publicBlobOf } from "../../src/runtime/keys/ssh-key.ts";
import { projectFolder } from "./support/project-folder.ts";

const [key, authority] = [createSshKey("web-one"), createSshKey("hosts")];
const names = ["web-one", "web-one.local.zone"];
const certificate = certifyHost(key, authority, names);

/** The strings of a certificate; what is no string stands between the third and the fourth. */
function stringsOf(line: string): { strings: Buffer[]; signed: Buffer } {
  const bytes = Buffer.from(line.split(" ")[1] ?? "", "base64");
  const strings: Buffer[] = [];
  let [at, last] = [0, 0];
  while (at < bytes.length) {
    if (strings.length === 3 && at === last) at += 8 + 4;
    if (strings.length === 5 && at === last) at += 8 + 8;
    const end = at + 4 + bytes.readUInt32BE(at);
    strings.push(bytes.subarray(at + 4, end));
    [at, last] = [end, end];
    if (strings.length === 9)
      return { strings: [...strings, bytes.subarray(at + 4)], signed: bytes.subarray(0, at) };
  }
  throw new Error("it is too short");
}

test("a certificate contains the key, its names and the authority's signature", () => {
  const { strings, signed } = stringsOf(certificate);
  const [kind, nonce, bytes, id, principals, , , , signer, signature] = strings;
  expect(String(kind)).toBe("ssh-ed25519-cert-v01@openssh.com");
  expect(nonce).toHaveLength(32);
  expect(bytes?.equals(publicBlobOf(key).subarray(-32))).toBe(true);
  expect(String(id)).toBe("web-one");
  expect(String(principals)).toBe("\0\0\0\x07web-one\0\0\0\x12web-one.local.zone");
  expect(signer?.equals(publicBlobOf(authority))).toBe(true);
  const x = publicBlobOf(authority).subarray(-32).toString("base64url");
  const jwk = { kty: "OKP", crv: "Ed25519", x };
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  expect(verify(null, signed, publicKey, signature?.subarray(-64) ?? Buffer.alloc(0))).toBe(true);
});

test("a certificate without names is refused", () => {
  expect(() => certifyHost(key, authority, [])).toThrow(RangeError);
});

const sshKeygen = Bun.which("ssh-keygen");

test.skipIf(!sshKeygen)("ssh-keygen reads it", async () => {
  await using project = await projectFolder({});
  const file = join(project.folder, "key-cert.pub");
  await writeFile(file, certificate);
  const shown = Bun.spawnSync([sshKeygen ?? "", "-L", "-f", file]).stdout.toString();
  expect(shown).toContain("Type: ssh-ed25519-cert-v01@openssh.com host certificate");
  expect(shown).toContain(`Public key: ED25519-CERT ${key.fingerprint}`);
  expect(shown).toContain(`Signing CA: ED25519 ${authority.fingerprint} (using ssh-ed25519)`);
  expect(shown).toContain("Valid: forever");
  expect(shown.replace(/\s+/g, " ")).toContain(`Principals: ${names.join(" ")} Critical`);
});

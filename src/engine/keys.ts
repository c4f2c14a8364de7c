import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createTsigKey, formatTsigKey } from "../dns/tsig-key.ts";
import { ReynsError } from "../errors.ts";

/** The name under which ssh knows the host key that all instances of a project share. */
export const hostKeyAlias = "reyns-instance";

/**
 * Makes the project's keys unless they are there: the user's and the instances' SSH keys (ed25519) and the DNS's
 * TSIG key. They appear all at once, so that two runs at the same time end up with the same ones.
 */
export async function ensureKeys(folder: string): Promise<void> {
  if (existsSync(join(folder, "id_ed25519"))) return;
  await mkdir(dirname(folder), { recursive: true });
  await writeFile(join(dirname(folder), ".gitignore"), "*\n");
  const draft = await mkdtemp(join(dirname(folder), "keys-"));
  try {
    await writeKeys(draft);
    await rename(draft, folder);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (existsSync(join(folder, "id_ed25519"))) return;
    throw new ReynsError("KEYS_UNUSABLE", `the project's keys cannot be made in ${folder}`, {
      hint: "is there something else in it? Move it away",
      cause,
    });
  }
}

async function writeKeys(folder: string): Promise<void> {
  const user = createSshKey("reyns");
  const host = createSshKey(hostKeyAlias);
  const files = {
    id_ed25519: user.privateKey,
    "id_ed25519.pub": user.publicKey,
    ssh_host_ed25519_key: host.privateKey,
    "ssh_host_ed25519_key.pub": host.publicKey,
    known_hosts: `${hostKeyAlias} ${host.publicKey}`,
    "tsig.key": formatTsigKey(createTsigKey()),
  };
  await Promise.all(
    Object.entries(files).map(([name, content]) =>
      writeFile(join(folder, name), content, { mode: 0o600 }),
    ),
  );
}

interface SshKey {
  /** In OpenSSH's own form, which every version of it reads. */
  readonly privateKey: string;
  readonly publicKey: string;
}

/**
 * An ed25519 key pair as ssh-keygen writes it, without a passphrase.
 *
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */
function createSshKey(comment: string): SshKey {
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const publicBytes = Buffer.from(jwk.x ?? "", "base64url");
  const secretBytes = Buffer.from(jwk.d ?? "", "base64url");
  const publicBlob = Buffer.concat([field("ssh-ed25519"), field(publicBytes)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    publicBlob,
    field(Buffer.concat([secretBytes, publicBytes])),
    field(comment),
  ]);
  const blob = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    count(1),
    field(publicBlob),
    field(padded(secret)),
  ]);
  const body = blob.toString("base64").replace(/(.{70})(?=.)/g, "$1\n");
  return {
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicKey: `ssh-ed25519 ${publicBlob.toString("base64")} ${comment}\n`,
  };
}

function count(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A length and that many bytes (RFC 4251, 5). */
function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([count(bytes.length), bytes]);
}

/** To whole blocks of 8 bytes, with 1, 2, 3, … */
function padded(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8;
  return Buffer.concat([
    bytes,
    Buffer.from(Array.from({ length: missing }, (_, index) => index + 1)),
  ]);
}

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";
import { ReynsError } from "../../errors.ts";
import { encodeUint32, encodeString } from "./ssh-wire.ts";

/** An ed25519 key pair without a passphrase. */
export interface SshKey {
  /** In OpenSSH's own form, which every version of it reads. */
  readonly privateKey: string;
  /** `ssh-ed25519 BASE64 COMMENT`, and the end of the line. */
  readonly publicKey: string;
  /** As ssh-keygen prints it: `SHA256:` and 43 characters. */
  readonly fingerprint: string;
}

const kind = "ssh-ed25519";
const magic = "openssh-key-v1\0";
const armour = /^-----BEGIN OPENSSH PRIVATE KEY-----\n([^-]*)\n-----END OPENSSH PRIVATE KEY-----$/;

/**
 * A new key pair as ssh-keygen writes it.
 *
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */
export function createSshKey(comment: string): SshKey {
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const publicBytes = Buffer.from(jwk.x ?? "", "base64url");
  const seed = Buffer.from(jwk.d ?? "", "base64url");
  const publicBlob = Buffer.concat([encodeString(kind), encodeString(publicBytes)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    publicBlob,
    encodeString(Buffer.concat([seed, publicBytes])),
    encodeString(comment),
  ]);
  const blob = Buffer.concat([
    Buffer.from(magic),
    encodeString("none"),
    encodeString("none"),
    encodeString(""),
    encodeUint32(1),
    encodeString(publicBlob),
    encodeString(padded(secret)),
  ]);
  const body = blob.toString("base64").replace(/(.{70})(?=.)/g, "$1\n");
  const privateKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
  return { privateKey, ...formatPublicPart(publicBlob, comment) };
}

/**
 * Reads a private key in OpenSSH's form, and what is public of it.
 *
 * @throws ReynsError KEYS_UNUSABLE for another kind, a passphrase, damage; no part of the key is in the message
 * @example
 * parseSshKey(await readFile("id_ed25519", "utf8")).fingerprint // "SHA256:…"
 */
export function parseSshKey(text: string): SshKey {
  const { publicBlob, comment } = parsePrivateKey(text);
  const privateKey = `${text.replaceAll("\r\n", "\n").trim()}\n`;
  return { privateKey, ...formatPublicPart(publicBlob, comment) };
}

/** Kind and bytes of its public half (RFC 8709, 4). */
export function publicBlobOf({ publicKey }: SshKey): Buffer {
  return Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
}

/** Kind and bytes of its signature (RFC 8709, 6). */
export function signWith({ privateKey }: SshKey, bytes: Buffer): Buffer {
  const signature = sign(null, bytes, keyObjectOf(parsePrivateKey(privateKey).seed));
  return Buffer.concat([encodeString(kind), encodeString(signature)]);
}

interface PrivateKeyParts {
  readonly publicBlob: Buffer;
  readonly seed: Buffer;
  readonly comment: string;
}

function parsePrivateKey(text: string): PrivateKeyParts {
  const reader = new BlobReader(decodePrivateKey(text));
  if (reader.take(magic.length).toString() !== magic) throw damaged();
  const cipher = reader.field().toString();
  reader.field();
  reader.field();
  if (cipher !== "none") throw unusable("it has a passphrase, which nobody could type in a run");
  if (reader.count() !== 1) throw unusable("it holds several keys");
  const publicBlob = reader.field();
  requireEd25519(new BlobReader(publicBlob).field().toString());
  const { publicBytes, ...secret } = parseSecret(reader.field());
  const whole = Buffer.concat([encodeString(kind), encodeString(publicBytes)]);
  if (!whole.equals(publicBlob)) throw unusable("its two halves do not belong together");
  return { publicBlob, ...secret };
}

function decodePrivateKey(text: string): Buffer {
  const trimmed = text.replaceAll("\r\n", "\n").trim();
  const body = armour.exec(trimmed)?.[1];
  if (body !== undefined) return Buffer.from(body, "base64");
  const other = /^-----BEGIN ([A-Z]{2,10} )?PRIVATE KEY-----/.exec(trimmed);
  if (other)
    throw unusable(`it is a private key in the form ${other[1] ?? "PKCS8 "}instead of OpenSSH's`);
  throw unusable("it is no private key");
}

function requireEd25519(found: string): void {
  if (found === kind) return;
  const shown = /^[a-z0-9@.-]{1,40}$/.test(found) ? found : "another kind";
  throw unusable(`it is a key of ${shown}, and only ${kind} is supported`);
}

/** Of the half that a passphrase would have hidden. */
function parseSecret(
  secret: Buffer,
): Omit<PrivateKeyParts, "publicBlob"> & { readonly publicBytes: Buffer } {
  const reader = new BlobReader(secret);
  if (reader.count() !== reader.count()) throw damaged();
  requireEd25519(reader.field().toString());
  const publicBytes = reader.field();
  const both = reader.field();
  const comment = reader.field().toString();
  if (publicBytes.length !== 32 || both.length !== 64) throw damaged();
  const [seed, repeated] = [both.subarray(0, 32), both.subarray(32)];
  if (!publicBytes.equals(repeated) || !publicBytes.equals(publicBytesOf(seed)))
    throw unusable("its two halves do not belong together");
  return { publicBytes, seed, comment };
}

/** What stands before the 32 bytes of an ed25519 key in PKCS8 (RFC 8410, 7). */
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");

function publicBytesOf(seed: Buffer): Buffer {
  const key = createPublicKey(keyObjectOf(seed));
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

function keyObjectOf(seed: Buffer): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([pkcs8, seed]),
    format: "der",
    type: "pkcs8",
  });
}

function formatPublicPart(blob: Buffer, comment: string): Omit<SshKey, "privateKey"> {
  const shown = /^[\x20-\x7E]*$/.test(comment) ? comment : "";
  const publicKey = `${`${kind} ${blob.toString("base64")} ${shown}`.trimEnd()}\n`;
  return { publicKey, fingerprint: fingerprintOf(blob) };
}

/** The SHA-256 of what a key is known by, as ssh-keygen prints it. */
export function fingerprintOf(bytes: Uint8Array): string {
  const hash = createHash("sha256").update(bytes).digest("base64");
  return `SHA256:${hash.replaceAll("=", "")}`;
}

function unusable(reason: string): ReynsError {
  const hint = 'made by: ssh-keygen -t ed25519 -N "" -f FILE';
  return new ReynsError("KEYS_UNUSABLE", reason, { hint });
}

function damaged(): ReynsError {
  return unusable("it is damaged or cut short");
}

/** Numbers and fields as RFC 4251 (section 5) writes them, from bytes that may be anything. */
class BlobReader {
  private readonly bytes: Buffer;
  private position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  take(length: number): Buffer {
    const taken = this.bytes.subarray(this.position, this.position + length);
    if (taken.length !== length) throw damaged();
    this.position += length;
    return taken;
  }

  count(): number {
    return this.take(4).readUInt32BE(0);
  }

  field(): Buffer {
    return this.take(this.count());
  }
}

/** To whole blocks of 8 bytes, with 1, 2, 3, … */
function padded(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8;
  return Buffer.concat([
    bytes,
    Buffer.from(Array.from({ length: missing }, (_, index) => index + 1)),
  ]);
}

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
import { encodeString, encodeUint32, SshReader } from "./ssh-wire.ts";

/** An ed25519 key pair without a passphrase. */
export interface SshKey {
  /** In OpenSSH's format, which every version of it reads. */
  readonly privateKey: string;
  /** `ssh-ed25519 BASE64 COMMENT`, with a line break. */
  readonly publicKey: string;
  /** As ssh-keygen prints it: `SHA256:` and 43 characters. */
  readonly fingerprint: string;
}

const kind = "ssh-ed25519";
const magic = "openssh-key-v1\0";
const armour = /^-----BEGIN OPENSSH PRIVATE KEY-----\n([^-]*)\n-----END OPENSSH PRIVATE KEY-----$/;

/**
 * Creates a key pair in the format of ssh-keygen.
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
    encodeString(pad(secret)),
  ]);
  const body = blob.toString("base64").replace(/(.{70})(?=.)/g, "$1\n");
  const privateKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
  return { privateKey, ...formatPublicPart(publicBlob, comment) };
}

/** Pads to blocks of 8 bytes, with 1, 2, 3, … */
function pad(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8;
  const padding = Array.from({ length: missing }, (_, index) => index + 1);
  return Buffer.concat([bytes, Buffer.from(padding)]);
}

/**
 * Reads a private key in OpenSSH's format.
 *
 * @throws ReynsError KEYS_UNUSABLE for another kind, a passphrase, damage; the message contains no part of the key
 * @example
 * parseSshKey(await readFile("id_ed25519", "utf8")).fingerprint // "SHA256:…"
 */
export function parseSshKey(text: string): SshKey {
  const { publicBlob, comment } = parsePrivateKey(text);
  const privateKey = `${text.replaceAll("\r\n", "\n").trim()}\n`;
  return { privateKey, ...formatPublicPart(publicBlob, comment) };
}

/** The kind and bytes of the public key (RFC 8709, 4). */
export function publicBlobOf({ publicKey }: SshKey): Buffer {
  return Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
}

/** The kind and bytes of a signature (RFC 8709, 6). */
export function signWith({ privateKey }: SshKey, bytes: Buffer): Buffer {
  const signature = sign(null, bytes, toKeyObject(parsePrivateKey(privateKey).seed));
  return Buffer.concat([encodeString(kind), encodeString(signature)]);
}

interface PrivateKeyParts {
  readonly publicBlob: Buffer;
  readonly seed: Buffer;
  readonly comment: string;
}

function parsePrivateKey(text: string): PrivateKeyParts {
  const reader = new SshReader(decodePrivateKey(text), damaged);
  if (reader.readBytes(magic.length).toString() !== magic) throw damaged();
  const cipher = reader.readString().toString();
  // The key derivation function and its options.
  reader.readString();
  reader.readString();
  if (cipher !== "none")
    throw unusable("it has a passphrase, which cannot be entered during a run");
  if (reader.readUint32() !== 1) throw unusable("it contains several keys");
  const publicBlob = reader.readString();
  requireEd25519(new SshReader(publicBlob, damaged).readString().toString());
  const { publicBytes, ...secret } = parseSecretPart(reader.readString());
  const expected = Buffer.concat([encodeString(kind), encodeString(publicBytes)]);
  if (!expected.equals(publicBlob)) throw mismatched();
  return { publicBlob, ...secret };
}

function decodePrivateKey(text: string): Buffer {
  const trimmed = text.replaceAll("\r\n", "\n").trim();
  const body = armour.exec(trimmed)?.[1];
  if (body !== undefined) return decodeBase64(body.replaceAll("\n", ""));
  const other = /^-----BEGIN ([A-Z]{2,10} )?PRIVATE KEY-----/.exec(trimmed);
  if (other)
    throw unusable(`it is a private key in the format ${other[1] ?? "PKCS8 "}instead of OpenSSH's`);
  throw unusable("it is not a private key");
}

/** Buffer skips invalid characters; OpenSSH does not. */
function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw damaged();
  return bytes;
}

function requireEd25519(found: string): void {
  if (found === kind) return;
  const shown = /^[a-z0-9@.-]{1,40}$/.test(found) ? found : "another kind";
  throw unusable(`it is a key of ${shown}, and only ${kind} is supported`);
}

/** Parses the part that a passphrase would encrypt. */
function parseSecretPart(
  secret: Buffer,
): Omit<PrivateKeyParts, "publicBlob"> & { readonly publicBytes: Buffer } {
  const reader = new SshReader(secret, damaged);
  if (reader.readUint32() !== reader.readUint32()) throw damaged();
  requireEd25519(reader.readString().toString());
  const publicBytes = reader.readString();
  const both = reader.readString();
  const comment = reader.readString().toString();
  if (publicBytes.length !== 32 || both.length !== 64) throw damaged();
  const [seed, repeated] = [both.subarray(0, 32), both.subarray(32)];
  if (!publicBytes.equals(repeated) || !publicBytes.equals(publicBytesOf(seed))) throw mismatched();
  return { publicBytes, seed, comment };
}

/** Precedes the 32 bytes of an ed25519 key in PKCS8 (RFC 8410, 7). */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

function publicBytesOf(seed: Buffer): Buffer {
  const key = createPublicKey(toKeyObject(seed));
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

function toKeyObject(seed: Buffer): KeyObject {
  const key = Buffer.concat([pkcs8Prefix, seed]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function formatPublicPart(blob: Buffer, comment: string): Omit<SshKey, "privateKey"> {
  const shown = /^[\x20-\x7E]*$/.test(comment) ? comment : "";
  const publicKey = `${`${kind} ${blob.toString("base64")} ${shown}`.trimEnd()}\n`;
  return { publicKey, fingerprint: fingerprintOf(blob) };
}

/** SHA-256 of a public key, as ssh-keygen prints it. */
export function fingerprintOf(bytes: Uint8Array): string {
  const hash = createHash("sha256").update(bytes).digest("base64");
  return `SHA256:${hash.replaceAll("=", "")}`;
}

function unusable(reason: string): ReynsError {
  const hint = 'create one with: ssh-keygen -t ed25519 -N "" -f FILE';
  return new ReynsError("KEYS_UNUSABLE", reason, { hint });
}

function damaged(): ReynsError {
  return unusable("it is damaged or truncated");
}

function mismatched(): ReynsError {
  return unusable("its private and its public half do not match");
}

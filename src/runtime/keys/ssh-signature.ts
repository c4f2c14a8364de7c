import { createPublicKey, verify } from "node:crypto";
import { publicBlobOf, signWith, type SshKey } from "./ssh-key.ts";
import { encodeString, encodeUint32, SshReader } from "./ssh-wire.ts";

const magic = Buffer.from("SSHSIG");
const hash = "sha512";
const armour =
  /^-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]+\n)+)-----END SSH SIGNATURE-----\n?$/;

/** A detached signature of a file. */
export interface SshSignature {
  /** The kind and bytes of the key that made it. */
  readonly publicBlob: Buffer;
  readonly namespace: string;
  /** The kind and bytes of the signature. */
  readonly signature: Buffer;
}

/**
 * Signs a message as `ssh-keygen -Y sign` does.
 *
 * @param namespace what the signature is for: it counts for nothing else
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
 */
export function signMessage(key: SshKey, namespace: string, message: Buffer): string {
  const blob = Buffer.concat([
    magic,
    encodeUint32(1),
    encodeString(publicBlobOf(key)),
    ...headOf(namespace),
    encodeString(signWith(key, signedBytes(namespace, message))),
  ]);
  const body = blob.toString("base64").replace(/(.{70})(?=.)/g, "$1\n");
  return `-----BEGIN SSH SIGNATURE-----\n${body}\n-----END SSH SIGNATURE-----\n`;
}

/** @returns undefined for what is no signature by an ed25519 key */
export function parseSignature(text: string): SshSignature | undefined {
  const body = armour.exec(text.replaceAll("\r\n", "\n"))?.[1]?.replaceAll("\n", "");
  const bytes = Buffer.from(body ?? "", "base64");
  // Buffer skips what is no base64.
  if (body === undefined || bytes.toString("base64") !== body) return undefined;
  try {
    return readSignature(bytes);
  } catch (error) {
    if (error instanceof Truncated) return undefined;
    throw error;
  }
}

class Truncated extends Error {}

function readSignature(bytes: Buffer): SshSignature | undefined {
  const reader = new SshReader(bytes, () => new Truncated());
  if (!reader.readBytes(magic.length).equals(magic) || reader.readUint32() !== 1) return undefined;
  const publicBlob = reader.readString();
  const namespace = reader.readString().toString();
  const reserved = reader.readString();
  const algorithm = reader.readString().toString();
  const signature = reader.readString();
  const size = magic.length + 4 + publicBlob.length + signature.length + 5 * 4;
  const isWhole =
    bytes.length === size + Buffer.byteLength(namespace) + reserved.length + algorithm.length;
  if (!isWhole || reserved.length > 0 || algorithm !== hash) return undefined;
  return { publicBlob, namespace, signature };
}

/** Whether a signature is of this message, for this purpose. Whose key made it is for the caller to look at. */
export function isSignatureOf(
  { publicBlob, namespace, signature }: SshSignature,
  expected: { readonly namespace: string; readonly message: Buffer },
): boolean {
  const [x, bytes] = [ed25519Bytes(publicBlob, 32), ed25519Bytes(signature, 64)];
  if (namespace !== expected.namespace || !x || !bytes) return false;
  const jwk = { kty: "OKP", crv: "Ed25519", x: x.toString("base64url") };
  const key = createPublicKey({ key: jwk, format: "jwk" });
  return verify(null, signedBytes(namespace, expected.message), key, bytes);
}

/** The bytes of a key or a signature (RFC 8709, 4 and 6); undefined for another kind. */
function ed25519Bytes(blob: Buffer, length: number): Buffer | undefined {
  const start = Buffer.concat([encodeString("ssh-ed25519"), encodeUint32(length)]);
  const isKind =
    blob.length === start.length + length && blob.subarray(0, start.length).equals(start);
  return isKind ? blob.subarray(start.length) : undefined;
}

function headOf(namespace: string): Buffer[] {
  return [encodeString(namespace), encodeString(""), encodeString(hash)];
}

function signedBytes(namespace: string, message: Buffer): Buffer {
  const digest = new Bun.CryptoHasher(hash).update(message).digest();
  return Buffer.concat([magic, ...headOf(namespace), encodeString(digest)]);
}

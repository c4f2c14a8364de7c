import { randomBytes } from "node:crypto";
import { publicBlobOf, signWith, type SshKey } from "./ssh-key.ts";
import { encodeString, encodeUint32 } from "./ssh-wire.ts";

const kind = "ssh-ed25519-cert-v01@openssh.com";
const hostCertificate = 2;
const unlimitedValidity = [Buffer.alloc(8), Buffer.alloc(8, 0xff)];

/**
 * Certifies a host key with an authority's key, without an expiry date. Returns the line of a `-cert.pub` file.
 *
 * @param names names of the host, in lower case; a certificate without any would be valid for all hosts
 * @throws RangeError without a name
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.certkeys
 * @example
 * certifyHost(createSshKey("web-one"), authority, ["web-one", "web-one.local.zone"]) // "ssh-ed25519-cert-v01@…"
 */
export function certifyHost(key: SshKey, authority: SshKey, names: readonly string[]): string {
  const [keyId] = names;
  if (keyId === undefined) throw new RangeError("a host certificate needs a name");
  const publicBytes = publicBlobOf(key).subarray(-32);
  const serial = Buffer.alloc(8);
  const empty = encodeString("");
  const signed = Buffer.concat([
    encodeString(kind),
    encodeString(randomBytes(32)),
    encodeString(publicBytes),
    serial,
    encodeUint32(hostCertificate),
    encodeString(keyId),
    encodeString(Buffer.concat(names.map((name) => encodeString(name)))),
    ...unlimitedValidity,
    // Critical options, extensions, reserved.
    ...[empty, empty, empty],
    encodeString(publicBlobOf(authority)),
  ]);
  const certificate = Buffer.concat([signed, encodeString(signWith(authority, signed))]);
  return `${kind} ${certificate.toString("base64")} ${keyId}\n`;
}

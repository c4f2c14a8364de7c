import { createTsigKey, formatTsigKey, parseTsigKey, type TsigKey } from "../../dns/tsig/key.ts";
import { errorWith, ReynsError, throwAll, type Place } from "../../errors.ts";
import { secretFiles, type SecretFile } from "./digests.ts";
import { createSshKey, fingerprintOf, parseSshKey, type SshKey } from "./ssh-key.ts";

/** All keys of a project. */
export interface KeySet {
  /** Of the user, and of the instances among themselves. */
  readonly user: SshKey;
  /** Of whom each instance has a certificate for its own host key; it stays on this host. */
  readonly authority: SshKey;
  /** Of whoever changes the DNS. */
  readonly tsig: TsigKey;
}

const publicFiles = ["id_ed25519.pub", "ssh_host_ca_ed25519.pub", "known_hosts"] as const;

/** The host key that all instances shared before each had its own. */
const legacyHostKeyFile = "ssh_host_ed25519_key";

export const allFiles: readonly string[] = [...secretFiles, ...publicFiles, legacyHostKeyFile];

export function createKeySet(): KeySet {
  return { user: createSshKey("reyns"), authority: createAuthority(), tsig: createTsigKey() };
}

export function createAuthority(): SshKey {
  return createSshKey("reyns-hosts");
}

/** Name -> content of each file. */
export function keyFilesOf({ user, authority, tsig }: KeySet): Record<string, string> {
  return {
    id_ed25519: user.privateKey,
    "id_ed25519.pub": user.publicKey,
    ssh_host_ca_ed25519: authority.privateKey,
    ...publicFilesOf(authority),
    "tsig.key": formatTsigKey(tsig),
  };
}

/** What tells others of an authority. */
export function publicFilesOf({ publicKey }: SshKey): Record<string, string> {
  return {
    "ssh_host_ca_ed25519.pub": publicKey,
    known_hosts: `${authorityPrefix}${publicKey}`,
  };
}

const authorityPrefix = "@cert-authority * ";

/** What tells keys apart without giving them away; of the TSIG key it is that of its secret. */
export function fingerprintsOf({ user, authority, tsig }: KeySet): Record<SecretFile, string> {
  return {
    id_ed25519: user.fingerprint,
    ssh_host_ca_ed25519: authority.fingerprint,
    "tsig.key": fingerprintOf(tsig.secret),
  };
}

/**
 * Reads the files of a project's keys, whoever wrote them. The public ones may be missing; those that are there have
 * to belong to the private ones. Those from before there was an authority get one here.
 *
 * @param files name -> content
 * @param at where they stand, for messages
 * @throws ReynsErrors KEYS_UNUSABLE: all that is wrong at once, without any of the content
 */
export function parseKeySet(files: ReadonlyMap<string, string>, at: Place | undefined): KeySet {
  const isFormer = files.has(legacyHostKeyFile) && !files.has("ssh_host_ca_ed25519");
  if (isFormer) return parseKeySet(withAuthority(files), at);
  const missing = secretFiles.filter((name) => !files.has(name));
  const errors = missing.length > 0 ? [missingFilesError(missing, at)] : [];
  const parsed = <Key>(name: SecretFile, parse: (text: string) => Key): Key | undefined => {
    const text = files.get(name);
    try {
      return text === undefined ? undefined : parse(text);
    } catch (error) {
      if (!(error instanceof ReynsError)) throw error;
      errors.push(errorWith(error, { message: `${name}: ${error.message}`, at }));
    }
  };
  const user = parsed("id_ed25519", parseSshKey);
  const authority = parsed("ssh_host_ca_ed25519", parseSshKey);
  const tsig = parsed("tsig.key", parseProjectTsigKey);
  const others = {
    "id_ed25519.pub": user,
    "ssh_host_ca_ed25519.pub": authority,
    known_hosts: authority,
  };
  for (const name of publicFiles) {
    const [text, key] = [files.get(name), others[name]];
    if (text === undefined || !key || isPublicPart(name, text, key)) continue;
    errors.push(new ReynsError("KEYS_UNUSABLE", describeMismatch(name), { at }));
  }
  throwAll(errors);
  // Without an error all of them are there.
  return { user, authority, tsig } as KeySet;
}

/** Keys from before there was an authority get a new one. */
function withAuthority(files: ReadonlyMap<string, string>): Map<string, string> {
  const authority = createAuthority();
  const own = { ssh_host_ca_ed25519: authority.privateKey, ...publicFilesOf(authority) };
  return new Map([...files, ...Object.entries(own)]);
}

function missingFilesError(missing: readonly string[], at: Place | undefined): ReynsError {
  const message = `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing`;
  const hint = `a project's keys are all of ${secretFiles.join(", ")}`;
  return new ReynsError("KEYS_UNUSABLE", message, { hint, at });
}

/** By the name that the DNS knows it by. */
function parseProjectTsigKey(text: string): TsigKey {
  const key = parseTsigKey(text, "tsig.key");
  if (key.name === "reyns") return key;
  throw new ReynsError(
    "KEYS_UNUSABLE",
    "the DNS knows its key as reyns, and this has another name",
  );
}

function isPublicPart(name: string, text: string, { publicKey }: SshKey): boolean {
  const wanted = publicKey.split(" ").slice(0, 2).join(" ").trimEnd();
  const start = name === "known_hosts" ? `${authorityPrefix}${wanted}` : wanted;
  return text.split("\n").some((line) => line === start || line.startsWith(`${start} `));
}

function describeMismatch(name: string): string {
  const privateName = name === "id_ed25519.pub" ? "id_ed25519" : "ssh_host_ca_ed25519";
  return `${name}: it does not belong to ${privateName}`;
}

import { createTsigKey, formatTsigKey, parseTsigKey, type TsigKey } from "../../dns/tsig/key.ts";
import { errorWith, ReynsError, throwAll, type Place } from "../../errors.ts";
import { secretFiles, type SecretFile } from "./digests.ts";
import { createSshKey, fingerprintOf, parseSshKey, type SshKey } from "./ssh-key.ts";

/** All keys of a project. */
export interface KeySet {
  /** Logs users in, and instances among themselves. */
  readonly user: SshKey;
  /** Certifies the host keys of instances; it stays on this host. */
  readonly authority: SshKey;
  /** Signs updates of the DNS. */
  readonly tsig: TsigKey;
}

const publicFiles = ["id_ed25519.pub", "ssh_host_ca_ed25519.pub", "known_hosts"] as const;

/** The host key that all instances shared in earlier versions. */
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

const authorityPrefix = "@cert-authority * ";

/** The public files of an authority. */
export function publicFilesOf({ publicKey }: SshKey): Record<string, string> {
  return {
    "ssh_host_ca_ed25519.pub": publicKey,
    known_hosts: `${authorityPrefix}${publicKey}`,
  };
}

/** Fingerprints of public keys, and of the TSIG key's secret. */
export function fingerprintsOf({ user, authority, tsig }: KeySet): Record<SecretFile, string> {
  return {
    id_ed25519: user.fingerprint,
    ssh_host_ca_ed25519: authority.fingerprint,
    "tsig.key": fingerprintOf(tsig.secret),
  };
}

/**
 * Parses the files of a project's keys. Public ones may be missing, but have to match the private ones. Keys of earlier
 * versions, without an authority, get a new one.
 *
 * @param files name -> content
 * @param at their place, for messages
 * @throws ReynsErrors KEYS_UNUSABLE: all errors at once, without any part of the keys
 */
export function parseKeySet(files: ReadonlyMap<string, string>, at: Place | undefined): KeySet {
  const isLegacy = files.has(legacyHostKeyFile) && !files.has("ssh_host_ca_ed25519");
  if (isLegacy) return parseKeySet(withAuthority(files), at);
  const missing = secretFiles.filter((name) => !files.has(name));
  const errors = missing.length > 0 ? [missingFilesError(missing, at)] : [];
  const parseFile = <Key>(name: SecretFile, parse: (text: string) => Key): Key | undefined => {
    const text = files.get(name);
    try {
      return text === undefined ? undefined : parse(text);
    } catch (error) {
      if (!(error instanceof ReynsError)) throw error;
      errors.push(errorWith(error, { message: `${name}: ${error.message}`, at }));
    }
  };
  const user = parseFile("id_ed25519", parseSshKey);
  const authority = parseFile("ssh_host_ca_ed25519", parseSshKey);
  const tsig = parseFile("tsig.key", parseProjectTsigKey);
  if (user && user.fingerprint === authority?.fingerprint) errors.push(sharedKeyError(at));
  errors.push(...publicFileErrors(files, { user, authority }, at));
  throwAll(errors);
  // Without errors all of them are defined.
  return { user, authority, tsig } as KeySet;
}

function withAuthority(files: ReadonlyMap<string, string>): Map<string, string> {
  const authority = createAuthority();
  const added = { ssh_host_ca_ed25519: authority.privateKey, ...publicFilesOf(authority) };
  return new Map([...files, ...Object.entries(added)]);
}

/** Every instance has the user's key; with it, each could pass for another one. */
function sharedKeyError(at: Place | undefined): ReynsError {
  const message = "id_ed25519 and ssh_host_ca_ed25519 are the same key";
  const hint = "the authority needs a key of its own, which no instance has";
  return new ReynsError("KEYS_UNUSABLE", message, { hint, at });
}

function missingFilesError(missing: readonly string[], at: Place | undefined): ReynsError {
  const message = `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing`;
  const hint = `a project's keys are ${secretFiles.join(", ")}`;
  return new ReynsError("KEYS_UNUSABLE", message, { hint, at });
}

/** The key's name is part of each update. */
function parseProjectTsigKey(text: string): TsigKey {
  const key = parseTsigKey(text, "tsig.key");
  if (key.name === "reyns") return key;
  throw new ReynsError("KEYS_UNUSABLE", 'the key must be named "reyns", as the DNS expects');
}

interface PrivateKeys {
  readonly user: SshKey | undefined;
  readonly authority: SshKey | undefined;
}

function publicFileErrors(
  files: ReadonlyMap<string, string>,
  { user, authority }: PrivateKeys,
  at: Place | undefined,
): ReynsError[] {
  const keyOf = {
    "id_ed25519.pub": user,
    "ssh_host_ca_ed25519.pub": authority,
    known_hosts: authority,
  };
  return publicFiles.flatMap((name) => {
    const [text, key] = [files.get(name), keyOf[name]];
    if (text === undefined || !key || isPublicPart(name, text, key)) return [];
    const privateName = name === "id_ed25519.pub" ? "id_ed25519" : "ssh_host_ca_ed25519";
    return new ReynsError("KEYS_UNUSABLE", `${name}: it does not belong to ${privateName}`, { at });
  });
}

function isPublicPart(name: string, text: string, { publicKey }: SshKey): boolean {
  const expected = publicKey.split(" ").slice(0, 2).join(" ").trimEnd();
  const start = name === "known_hosts" ? `${authorityPrefix}${expected}` : expected;
  return text.split("\n").some((line) => line === start || line.startsWith(`${start} `));
}

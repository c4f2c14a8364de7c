import { createTsigKey, formatTsigKey, parseTsigKey, type TsigKey } from "../dns/tsig-key.ts";
import { errorWith, ReynsError, throwAll, type Place } from "../errors.ts";
import { secretFiles, type SecretFile } from "./digests.ts";
import { createSshKey, fingerprintOf, parseSshKey, type SshKey } from "./ssh-key.ts";

/** The name under which ssh knows the host key that all instances of a project share. */
export const hostKeyAlias = "reyns-instance";

/** All keys of a project. */
export interface KeySet {
  /** Of the user, and of the instances among themselves. */
  readonly user: SshKey;
  /** Of every instance's sshd. */
  readonly host: SshKey;
  /** Of whoever changes the DNS. */
  readonly tsig: TsigKey;
}

const publicFiles = ["id_ed25519.pub", "ssh_host_ed25519_key.pub", "known_hosts"] as const;

export const allFiles: readonly string[] = [...secretFiles, ...publicFiles];

export function createKeySet(): KeySet {
  return { user: createSshKey("reyns"), host: createSshKey(hostKeyAlias), tsig: createTsigKey() };
}

/** Name -> content of each file. */
export function filesOf({ user, host, tsig }: KeySet): Record<string, string> {
  return {
    id_ed25519: user.privateKey,
    "id_ed25519.pub": user.publicKey,
    ssh_host_ed25519_key: host.privateKey,
    "ssh_host_ed25519_key.pub": host.publicKey,
    known_hosts: `${hostKeyAlias} ${host.publicKey}`,
    "tsig.key": formatTsigKey(tsig),
  };
}

/** What tells keys apart without giving them away; of the TSIG key it is that of its secret. */
export function fingerprintsOf({ user, host, tsig }: KeySet): Record<SecretFile, string> {
  return {
    id_ed25519: user.fingerprint,
    ssh_host_ed25519_key: host.fingerprint,
    "tsig.key": fingerprintOf(tsig.secret),
  };
}

/**
 * Reads the files of a project's keys, whoever wrote them. The public ones may be missing; those that are there have
 * to belong to the private ones.
 *
 * @param files name -> content
 * @param at where they stand, for messages
 * @throws ReynsErrors KEYS_UNUSABLE: all that is wrong at once, without any of the content
 */
export function parseKeySet(files: ReadonlyMap<string, string>, at: Place | undefined): KeySet {
  const missing = secretFiles.filter((name) => !files.has(name));
  const errors = missing.length > 0 ? [lacking(missing, at)] : [];
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
  const host = parsed("ssh_host_ed25519_key", parseSshKey);
  const tsig = parsed("tsig.key", parseOwnTsigKey);
  const others = { "id_ed25519.pub": user, "ssh_host_ed25519_key.pub": host, known_hosts: host };
  for (const name of publicFiles) {
    const [text, key] = [files.get(name), others[name]];
    if (text === undefined || !key || isPublicPart(name, text, key)) continue;
    errors.push(new ReynsError("KEYS_UNUSABLE", strangerIn(name), { at }));
  }
  throwAll(errors);
  // Without an error all of them are there.
  return { user, host, tsig } as KeySet;
}

function lacking(missing: readonly string[], at: Place | undefined): ReynsError {
  const message = `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing`;
  const hint = `a project's keys are all of ${secretFiles.join(", ")}`;
  return new ReynsError("KEYS_UNUSABLE", message, { hint, at });
}

/** By the name that the DNS knows it by. */
function parseOwnTsigKey(text: string): TsigKey {
  const key = parseTsigKey(text, "tsig.key");
  if (key.name === "reyns") return key;
  throw new ReynsError(
    "KEYS_UNUSABLE",
    "the DNS knows its key as reyns, and this has another name",
  );
}

function isPublicPart(name: string, text: string, { publicKey }: SshKey): boolean {
  const wanted = publicKey.split(" ").slice(0, 2).join(" ").trimEnd();
  const start = name === "known_hosts" ? `${hostKeyAlias} ${wanted}` : wanted;
  return text.split("\n").some((line) => line === start || line.startsWith(`${start} `));
}

function strangerIn(name: string): string {
  const privateName = name === "id_ed25519.pub" ? "id_ed25519" : "ssh_host_ed25519_key";
  return `${name}: it does not belong to ${privateName}`;
}

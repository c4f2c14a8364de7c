import { findProgram, runProgram } from "./programs.ts";
import type { NamedRoot, Presence, TrustStore } from "./store.ts";

const keychain = "/Library/Keychains/System.keychain";

/** The system's keychain of macOS. Returns undefined elsewhere. */
export function findMacStore(env: NodeJS.ProcessEnv): TrustStore | undefined {
  const security = findProgram("security", env);
  if (process.platform !== "darwin" || security === undefined) return undefined;
  return {
    kind: "system",
    place: keychain,
    owner: "the system",
    presence: (root) => presenceIn(security, root),
    commandsToAdd: ({ file }) => [
      [security, "add-trusted-cert", "-d", "-r", "trustRoot", "-k", keychain, file],
    ],
    commandsToRemove: ({ file, fingerprint }) => [
      [security, "remove-trusted-cert", "-d", file],
      [security, "delete-certificate", "-Z", fingerprint.toUpperCase(), keychain],
    ],
  };
}

async function presenceIn(security: string, { fingerprint }: NamedRoot): Promise<Presence> {
  const { stdout } = await runProgram([security, "find-certificate", "-a", "-Z", keychain]);
  return stdout.includes(`SHA-256 hash: ${fingerprint.toUpperCase()}`) ? "trusted" : "absent";
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { selfCommand } from "../../lib/self-command.ts";
import { shellQuote } from "../../lib/shell-quote.ts";

interface SshTarget {
  readonly keysFolder: string;
  readonly containerId: string;
  /** Its name, for which its host key is certified. */
  readonly host: string;
  /** A session when undefined. */
  readonly command: string | undefined;
}

/**
 * The call of the ssh client that reaches into a container. It goes through the Engine (see `__proxy`), so that it
 * works where the host has no route to containers, and it checks the host key instead of ignoring it.
 *
 * @throws ReynsError MISSING_TOOL, KEYS_UNUSABLE
 */
export async function sshArguments({
  keysFolder,
  containerId,
  host,
  command,
}: SshTarget): Promise<string[]> {
  if (Bun.which("ssh") === null) {
    throw new ReynsError("MISSING_TOOL", "there is no ssh client on this host", {
      hint: "install it (Debian, Ubuntu: sudo apt-get install openssh-client), or use: reyns shell",
    });
  }
  const identity = join(keysFolder, "id_ed25519");
  if (!existsSync(identity)) {
    throw new ReynsError("KEYS_UNUSABLE", `the project's keys are not in ${keysFolder}`, {
      hint: 'this instance was run with keys that are gone: "reyns keys import" them, or clean it and run it again',
    });
  }
  // What runs since before there was an authority has the host key that all of them shared.
  const isCertified = existsSync(join(keysFolder, "ssh_host_ca_ed25519.pub"));
  const options = {
    ProxyCommand: `${selfCommand().map(quoteProxyWord).join(" ")} __proxy ${containerId}`,
    IdentityFile: quoteSshPath(identity),
    IdentitiesOnly: "yes",
    HostKeyAlias: isCertified ? host.toLowerCase() : "reyns-instance",
    UserKnownHostsFile: quoteSshPath(join(keysFolder, "known_hosts")),
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    LogLevel: "ERROR",
  };
  const words = Object.entries(options).map(([name, value]) => `-o${name}=${value}`);
  return [
    "ssh",
    "-F",
    "none",
    ...words,
    `reyns@${host}`,
    ...(command === undefined ? [] : ["--", command]),
  ];
}

/** ssh takes option values apart like its configuration file: in words, with `%` for what it knows. */
function quoteSshPath(path: string): string {
  return `"${path.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%")}"`;
}

/** ssh hands a ProxyCommand to the shell, and expands `%` in it. */
function quoteProxyWord(word: string): string {
  return shellQuote(word.replaceAll("%", "%%"));
}

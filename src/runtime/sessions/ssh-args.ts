import { existsSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { selfCommand } from "../../lib/self-command.ts";
import { shellQuote } from "../../lib/shell-quote.ts";

interface SshTarget {
  readonly keysFolder: string;
  readonly containerId: string;
  /** The instance's name, which its host key is certified for. */
  readonly host: string;
  /** Undefined for an interactive session. */
  readonly command: string | undefined;
}

/**
 * Arguments of the ssh client for a connection to a container. It goes through the Engine (see `__proxy`), so that it
 * works without a route to containers, and verifies the host key.
 *
 * @throws ReynsError MISSING_TOOL, KEYS_UNUSABLE
 */
export async function sshArguments(target: SshTarget): Promise<string[]> {
  const { keysFolder, host, command } = target;
  if (Bun.which("ssh") === null) {
    throw new ReynsError("MISSING_TOOL", "no ssh client on this host", {
      hint: "install it (Debian, Ubuntu: sudo apt-get install openssh-client), or use: reyns shell",
    });
  }
  if (!existsSync(join(keysFolder, "id_ed25519"))) {
    throw new ReynsError("KEYS_UNUSABLE", `the project's keys are missing in ${keysFolder}`, {
      hint: 'restore the keys that this instance was started with ("reyns keys import"), or clean it and run it again',
    });
  }
  const options = Object.entries(sshOptions(target)).map(([name, value]) => `-o${name}=${value}`);
  const remote = command === undefined ? [] : ["--", command];
  return ["ssh", "-F", "none", ...options, `reyns@${host}`, ...remote];
}

function sshOptions({ keysFolder, containerId, host }: SshTarget): Record<string, string> {
  // Instances from before there was an authority share one host key.
  const isCertified = existsSync(join(keysFolder, "ssh_host_ca_ed25519.pub"));
  return {
    ProxyCommand: `${selfCommand().map(quoteProxyWord).join(" ")} __proxy ${containerId}`,
    IdentityFile: quoteSshPath(join(keysFolder, "id_ed25519")),
    IdentitiesOnly: "yes",
    HostKeyAlias: isCertified ? host.toLowerCase() : "reyns-instance",
    UserKnownHostsFile: quoteSshPath(join(keysFolder, "known_hosts")),
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    LogLevel: "ERROR",
  };
}

/** ssh splits option values into words and expands `%` in them, as in its configuration file. */
function quoteSshPath(path: string): string {
  return `"${path.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%")}"`;
}

/** ssh passes a ProxyCommand to the shell, and expands `%` in it. */
function quoteProxyWord(word: string): string {
  return shellQuote(word.replaceAll("%", "%%"));
}

import { existsSync, readFileSync } from "node:fs";
import { ReynsError } from "../../errors.ts";

interface EngineInstaller {
  /** What it does, without the question mark: "Start the Docker Engine". */
  readonly action: string;
  /** The commands, for a person to type. */
  readonly command: string;
  /** Undefined without root privileges. */
  readonly run: (() => Promise<string>) | undefined;
}

/** How to install an Engine on this machine and start it; undefined on other systems than Debian and Ubuntu. */
export function engineInstaller(): EngineInstaller | undefined {
  if (process.platform !== "linux") return undefined;
  const isInstalled = Bun.which("dockerd") !== null;
  if (!isInstalled && !isDebianLike()) return undefined;
  const commands = [...(isInstalled ? [] : installCommands), startCommand()];
  const isRoot = process.getuid?.() === 0;
  const lines = commands.map((argv) => [...(isRoot ? [] : ["sudo"]), ...argv].join(" "));
  return {
    action: isInstalled
      ? "Start the Docker Engine"
      : "Install docker.io and start the Docker Engine",
    command: lines.join(" &&\n"),
    run: isRoot ? () => runCommands(commands) : undefined,
  };
}

const installCommands = [
  ["apt-get", "update"],
  ["apt-get", "install", "-y", "docker.io", "iptables"],
] as const;

function startCommand(): readonly string[] {
  return existsSync("/run/systemd/system")
    ? ["systemctl", "enable", "--now", "docker"]
    : ["service", "docker", "start"];
}

/** By os-release(5). */
function isDebianLike(): boolean {
  if (Bun.which("apt-get") === null || !existsSync("/etc/os-release")) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync("/etc/os-release", "utf8"));
}

/** @throws ReynsError MISSING_TOOL with the last output of a command that failed */
async function runCommands(commands: readonly (readonly string[])[]): Promise<string> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const argv of commands) {
    const child = Bun.spawn([...argv], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr, status] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    if (status === 0) continue;
    const output = `${stdout}\n${stderr}`.trim().split("\n").slice(-10);
    const message = `${argv.join(" ")} failed with status ${status}`;
    throw new ReynsError("MISSING_TOOL", message, { output });
  }
  return commands.map((argv) => argv.join(" ")).join("; ");
}

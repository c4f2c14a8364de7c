import { existsSync, readFileSync } from "node:fs";
import { ReynsError } from "../../errors.ts";

interface Installer {
  /** What it does, as a question would say it. */
  readonly what: string;
  /** The commands, for a person to type. */
  readonly command: string;
  /** Undefined where only a person can: without root's rights. */
  readonly run: (() => Promise<string>) | undefined;
}

/** How an Engine comes onto this machine and is started; undefined where that is not known. */
export function engineInstaller(): Installer | undefined {
  if (process.platform !== "linux") return undefined;
  const isThere = Bun.which("dockerd") !== null;
  if (!isThere && !isDebianLike()) return undefined;
  const steps = [...(isThere ? [] : installation), startCommand()];
  const isRoot = process.getuid?.() === 0;
  const what = isThere
    ? "Start the Docker Engine"
    : "Install docker.io and start the Docker Engine";
  return {
    what,
    command: steps.map((words) => [...(isRoot ? [] : ["sudo"]), ...words].join(" ")).join(" &&\n"),
    run: isRoot ? () => runCommands(steps) : undefined,
  };
}

const installation = [
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

/** @throws ReynsError MISSING_TOOL with the end of what a command said */
async function runCommands(steps: readonly (readonly string[])[]): Promise<string> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const words of steps) {
    const child = Bun.spawn([...words], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [out, err, status] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    if (status === 0) continue;
    const output = `${out}\n${err}`.trim().split("\n").slice(-10);
    const message = `${words.join(" ")} has failed with status ${status}`;
    throw new ReynsError("MISSING_TOOL", message, { output });
  }
  return steps.map((words) => words.join(" ")).join("; ");
}

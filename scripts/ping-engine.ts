// Exits with status 0 if a Docker Engine answers at DOCKER_HOST or the default socket, otherwise with 1.
import { env } from "node:process";

const host = env["DOCKER_HOST"] || "unix:///var/run/docker.sock";

async function answers(): Promise<boolean> {
  if (host.startsWith("ssh://")) {
    const { exitCode } = Bun.spawnSync(["ssh", "-oBatchMode=yes", host, "docker", "version"]);
    return exitCode === 0;
  }
  const signal = AbortSignal.timeout(5000);
  const unix = host.startsWith("unix://") ? { unix: host.slice("unix://".length) } : {};
  const address = "unix" in unix ? "http://engine" : host.replace("tcp://", "http://");
  const response = await fetch(`${address}/_ping`, { signal, ...unix }).catch(() => undefined);
  return response?.ok ?? false;
}

process.exitCode = (await answers()) ? 0 : 1;

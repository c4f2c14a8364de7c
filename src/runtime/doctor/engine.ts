import { statSync } from "node:fs";
import { readDockerConfig } from "../../docker/config/config.ts";
import { engineVersion } from "../../docker/system.ts";
import { ReynsError } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import { openEngine, type Engine } from "../connect.ts";
import { bad, ok, type Finding } from "./finding.ts";
import { engineInstaller } from "./install-engine.ts";
import { withTimeout } from "./timeout.ts";

interface EngineCheck {
  readonly finding: Finding;
  /** Undefined when none answers. */
  readonly engine: Engine | undefined;
}

/** Checks whether the Engine of the environment answers and is recent enough. */
export async function checkEngine(env: Environment): Promise<EngineCheck> {
  let endpoint = "";
  try {
    const engine = await openEngine(env);
    ({ endpoint } = engine);
    const { version, api } = await withTimeout(engine, engineVersion(engine));
    const source = (await findEngineSource(env)) ?? "default";
    const { isPodman } = await engine.features();
    const message = `${isPodman ? "Podman" : "Docker"} ${version} (API ${api}) at ${endpoint}, by ${source}`;
    return { finding: ok("engine", message), engine };
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    return { finding: await explainNoEngine(error, endpoint, env), engine: undefined };
  }
}

/** The setting that selects the Engine; undefined for the default. */
async function findEngineSource(env: Environment): Promise<string | undefined> {
  if (env["DOCKER_HOST"]) return "DOCKER_HOST";
  const context = env["DOCKER_CONTEXT"] || (await readDockerConfig(env)).currentContext;
  return context && context !== "default" ? `the docker context "${context}"` : undefined;
}

async function explainNoEngine(
  error: ReynsError,
  endpoint: string,
  env: Environment,
): Promise<Finding> {
  const { code = "" } = (error.cause ?? {}) as NodeJS.ErrnoException;
  const socket = /^unix:\/\/(.+)/.exec(endpoint)?.[1];
  if (socket !== undefined && ["EACCES", "EPERM"].includes(code))
    return bad("engine", error.message, { remedy: grantSocketAccess(socket) });
  const isAbsent = absentCodes.has(code);
  const isSelected = (await findEngineSource(env)) !== undefined;
  const installer = isAbsent && !isSelected ? engineInstaller() : undefined;
  const remedy = installer?.command ?? error.hint;
  if (!installer?.run) return bad("engine", error.message, { remedy });
  const { run, action } = installer;
  return bad("engine", error.message, { remedy, fix: run, question: `${action}?` });
}

/** Of a connection to a socket that no process listens on. */
const absentCodes = new Set(["ENOENT", "ECONNREFUSED", "FailedToOpenSocket", "ConnectionRefused"]);

/** Adds the user to the group of the socket. */
function grantSocketAccess(socket: string): string {
  const group = Bun.which("getent") ? groupOf(socket) : "docker";
  return `sudo usermod -aG ${group} "$USER", then log in again`;
}

function groupOf(path: string): string {
  const gid = gidOf(path);
  if (gid === undefined) return "docker";
  const { stdout } = Bun.spawnSync(["getent", "group", String(gid)], { timeout: 500 });
  const name = stdout.toString().split(":")[0] ?? "";
  return name === "" || name === "root" ? "docker" : name;
}

/** Undefined in a folder that this user may not enter. */
function gidOf(path: string): number | undefined {
  try {
    return statSync(path).gid;
  } catch {
    return undefined;
  }
}

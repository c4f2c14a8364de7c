import { statSync } from "node:fs";
import { readDockerConfig } from "../../docker/config/config.ts";
import { engineVersion } from "../../docker/system.ts";
import { ReynsError } from "../../errors.ts";
import { openEngine, type Engine } from "../connect.ts";
import { bad, ok, type Finding } from "./finding.ts";
import { engineInstaller } from "./install-engine.ts";
import { withTimeout } from "./timeout.ts";
import type { Environment } from "../../lib/environment.ts";

interface EngineCheck {
  readonly finding: Finding;
  /** Undefined when there is none to talk to. */
  readonly engine: Engine | undefined;
}

/** Whether the Engine that the environment names can be talked to, and is new enough. */
export async function checkEngine(env: Environment): Promise<EngineCheck> {
  try {
    const engine = await openEngine(env);
    const { version, api } = await withTimeout(engine, engineVersion(engine));
    const what = `Docker ${version} (API ${api}) at ${engine.endpoint}, by ${(await describeEngineSource(env)) ?? "default"}`;
    return { finding: ok("engine", what), engine };
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    return { finding: await explainNoEngine(error, env), engine: undefined };
  }
}

/** What of Docker's own settings has decided; undefined when none has. */
async function describeEngineSource(env: Environment): Promise<string | undefined> {
  if (env["DOCKER_HOST"]) return "DOCKER_HOST";
  const context = env["DOCKER_CONTEXT"] || (await readDockerConfig(env)).currentContext;
  return context && context !== "default" ? `the docker context "${context}"` : undefined;
}

async function explainNoEngine(error: ReynsError, env: Environment): Promise<Finding> {
  const socket = /unix:\/\/(\S+): this user may not/.exec(error.message)?.[1];
  if (socket !== undefined)
    return bad("engine", error.message, { remedy: grantSocketAccess(socket) });
  const isAbsent = /nothing (is|answers) there/.test(error.message);
  const isChosen = (await describeEngineSource(env)) !== undefined;
  const installer = isAbsent && !isChosen ? engineInstaller() : undefined;
  const mend = installer?.command ?? error.hint;
  const fix = installer?.run;
  return bad("engine", error.message, {
    remedy: mend,
    ...(fix && { fix, question: `${installer.what}?` }),
  });
}

/** How a user gets at a socket: by the group that it belongs to. */
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

/** Undefined for what lies in a folder that this user may not enter. */
function gidOf(path: string): number | undefined {
  try {
    return statSync(path).gid;
  } catch {
    return undefined;
  }
}

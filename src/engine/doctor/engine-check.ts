import { statSync } from "node:fs";
import { engineInfo, engineVersion } from "../../docker/system.ts";
import { ReynsError } from "../../errors.ts";
import type { Environment } from "../../project/find.ts";
import { openEngine, type Engine } from "../open.ts";
import { bad, ok, type Finding } from "./finding.ts";
import { engineInstaller } from "./install-engine.ts";
import { withPatience } from "./patience.ts";

/** Docker 20.10: the oldest whose API has all that Reyns asks for. */
const oldestApi = "1.41";

interface Checked {
  readonly finding: Finding;
  /** Undefined when there is none to talk to. */
  readonly engine: Engine | undefined;
  /** Folder in which it keeps images and containers, when it is on this machine. */
  readonly rootFolder: string | undefined;
}

const nothing = { engine: undefined, rootFolder: undefined };

/** Whether the Engine that the environment names can be talked to, and is new enough. */
export async function checkEngine(env: Environment): Promise<Checked> {
  try {
    const engine = openEngine(env);
    const [{ version, api }, info] = await withPatience(
      engine,
      Promise.all([engineVersion(engine), engineInfo(engine)]),
    );
    const what = `Docker ${version} (API ${api}) at ${engine.endpoint}, ${chosenBy(env)}`;
    if (isBefore(api, oldestApi)) {
      const mend = `upgrade it to Docker 20.10 (API ${oldestApi}) or newer`;
      return { finding: bad("engine", `${what} is too old`, { mend }), ...nothing };
    }
    const rootFolder = engine.local ? info.rootFolder : undefined;
    return { finding: ok("engine", what), engine, rootFolder };
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    return { finding: whyNone(error, env), ...nothing };
  }
}

/** What of Docker's own settings has decided. */
function chosenBy(env: Environment): string {
  if (env["DOCKER_HOST"]) return "by DOCKER_HOST";
  if (env["DOCKER_CONTEXT"]) return "by DOCKER_CONTEXT";
  return "by the docker context";
}

function whyNone(error: ReynsError, env: Environment): Finding {
  const socket = /unix:\/\/(\S+): this user may not/.exec(error.message)?.[1];
  if (socket !== undefined) return bad("engine", error.message, { mend: wayIn(socket) });
  const installer = env["DOCKER_HOST"] || env["DOCKER_CONTEXT"] ? undefined : engineInstaller();
  const mend = installer?.command ?? error.hint;
  const fix = installer?.run;
  return bad("engine", error.message, {
    mend,
    ...(fix && { fix, question: `${installer.what}?` }),
  });
}

/** How a user gets at a socket: by the group that it belongs to. */
function wayIn(socket: string): string {
  const group = Bun.which("getent") ? groupOf(socket) : "docker";
  return `sudo usermod -aG ${group} "$USER", then log in again`;
}

function groupOf(path: string): string {
  const { gid } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const { stdout } = Bun.spawnSync(["getent", "group", String(gid)], { timeout: 500 });
  const name = stdout.toString().split(":")[0] ?? "";
  return name === "" || name === "root" ? "docker" : name;
}

/** "1.9" is before "1.41". */
function isBefore(one: string, other: string): boolean {
  return Bun.semver.order(`${one}.0`, `${other}.0`) < 0;
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { must, run, type Output } from "../../test/engine/support/images-container.ts";

/** A folder with a compose.yaml. Disposing of it takes away what Compose has made of it. */
export interface ComposeProject extends AsyncDisposable {
  readonly folder: string;
  /** Calls docker-compose in it, whatever comes of it. */
  compose(line: string, env?: Readonly<Record<string, string>>): Promise<Output>;
  /** The words of a call, but for what is to be done. */
  readonly words: readonly string[];
  /** What everything that it makes carries: `name=value`. */
  readonly label: string;
  /** Names of its containers and networks. */
  listOwned(): Promise<string[]>;
}

/**
 * @param executable path of docker-compose
 * @param yaml text of the compose.yaml
 * @param files others beside it: paths -> contents
 */
export async function composeProject(
  executable: string,
  yaml: string,
  files: Readonly<Record<string, string>> = {},
): Promise<ComposeProject> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-faults-"));
  const project = basename(folder).toLowerCase();
  for (const [name, text] of Object.entries({ ...files, "compose.yaml": yaml }))
    await Bun.write(join(folder, name), text);
  const words = [executable, "--project-name", project, "--project-directory", folder];
  const compose: ComposeProject["compose"] = (line, env = {}) => {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return run(["env", ...variables, ...words, ...line.split(" ")]);
  };
  return {
    folder,
    compose,
    words,
    label: `com.docker.compose.project=${project}`,
    listOwned: () => ownedBy(project),
    [Symbol.asyncDispose]: async () => {
      await compose("down --timeout 0 --volumes --remove-orphans");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ownedBy(project: string): Promise<string[]> {
  const filter = `label=com.docker.compose.project=${project}`;
  const containers = await must("docker", "ps", "-a", "--format", "{{.Names}}", "--filter", filter);
  const networks = await must("docker", "network", "ls", "-q", "--filter", filter);
  return `${containers}\n${networks}`.split("\n").filter(Boolean);
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { must, run, type Output } from "../../test/engine/support/images-container.ts";

/** A folder with a compose.yaml. Disposing of it removes everything that Compose has created. */
export interface ComposeProject extends AsyncDisposable {
  readonly folder: string;
  /** Runs docker-compose in the folder, and never throws. */
  compose(line: string, env?: Readonly<Record<string, string>>): Promise<Output>;
  /** The command line without the subcommand. */
  readonly command: readonly string[];
  /** The label of everything it creates: `name=value`. */
  readonly label: string;
  /** Names of its containers and networks. */
  listOwned(): Promise<string[]>;
}

/**
 * @param executable path of docker-compose
 * @param yaml text of the compose.yaml
 * @param files further files: path -> content
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
  const command = [executable, "--project-name", project, "--project-directory", folder];
  const compose: ComposeProject["compose"] = (line, env = {}) => {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return run(["env", ...variables, ...command, ...line.split(" ")]);
  };
  return {
    folder,
    compose,
    command,
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

// A project whose instance api runs as a service of Docker Swarm.
import type { ObservedInstance } from "../../../src/model/observed.ts";
import type { Project } from "../../../src/model/project.ts";
import type { ObservedService } from "../../../src/model/swarm-service.ts";
import { observed, plan, started, startOf } from "./planning.ts";
import { projectFolder } from "./project-folder.ts";

const definition = (
  options: string,
  more = "",
): string => `import { network, service } from "reyns";
network("mesh", { driver: "overlay", attachable: true });
service("api", { image: "acme/api", networks: ["mesh"], ${options} });
${more}`;

export async function readSwarmProject(options: string, more = ""): Promise<Project> {
  // A file is loaded once in a process.
  await using project = await projectFolder({ "reyns.ts": definition(options, more) });
  return { ...(await project.read()), origin: "/srv/shop" };
}

/** Without the network, which is not there. */
export async function planned(
  options: string,
  instances: readonly ObservedInstance[] = [],
  more = "",
) {
  const made = plan(await readSwarmProject(options, more), {
    observed: observed({ images: ["acme/api"], instances }),
  });
  return { ...made, steps: made.steps.filter(({ kind }) => kind !== "create-network") };
}

/** Options of api. */
export const three = "swarm: { replicas: 3 }";

/** The instance api, as it runs. */
export async function runningService(
  options: string,
  state: Partial<ObservedService> = {},
): Promise<ObservedInstance> {
  const swarm = { desired: 3, running: 3, replicas: 3, update: undefined, ...state };
  const step = startOf((await planned(options)).steps, "api-one");
  return started(step, { swarm, isDisconnected: false, address: undefined });
}

import { bundledServices } from "../../project/services/read.ts";
import type { Project } from "../../model/project.ts";

/** A project of nothing but what the executable carries: to build the base images no other is needed. */
export function carriedProject(): Project {
  const folder = process.cwd();
  return {
    name: "reyns",
    folder,
    dataFolder: folder,
    conf: { name: "default", file: undefined, sequential: false, instances: [] },
    updatePolicy: "REPLACE",
    services: new Map(bundledServices.map((service) => [service.name, service])),
  };
}

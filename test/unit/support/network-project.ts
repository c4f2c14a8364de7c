// Projects that declare networks.
import type { Project } from "../../../src/model/project.ts";
import { projectFolder } from "./project-folder.ts";

export async function readNetworkProject(script: string): Promise<Project> {
  const header = 'import { dns, link, network, node, service } from "reyns";\n';
  await using folder = await projectFolder({ "reyns.ts": header + script });
  // The same project whenever it is read.
  return { ...(await folder.read()), folder: "/home/me/shop", origin: "/home/me/shop" };
}

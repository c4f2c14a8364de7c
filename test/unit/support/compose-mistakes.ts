// The mistakes of compose files.
import { relative } from "node:path";
import { readCompose } from "../../../src/project/compose/read.ts";
import { projectFolder, thrownBy } from "./project-folder.ts";

const caller = { HOME: "/home/user" };

/** The mistakes of compose.yaml, and of other files with their names. */
export async function mistakesIn(files: Readonly<Record<string, string>>): Promise<string[]> {
  await using project = await projectFolder(files);
  return thrownBy(() => readCompose(project.folder, caller)).map(({ at, message, hint }) => {
    const file = at === undefined ? "" : relative(project.folder, at.file);
    const place = [...(file === "compose.yaml" ? [] : [file]), at?.line, at?.column]
      .filter((part) => part !== undefined)
      .join(":");
    const text = `${place} ${message}${hint === undefined ? "" : ` | ${hint}`}`;
    return text.replaceAll(`${project.folder}/`, "");
  });
}

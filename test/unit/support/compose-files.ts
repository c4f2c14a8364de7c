// Compose files, and what is read of them.
import type { ComposeProject } from "../../../src/project/compose/compose-project.ts";
import { readCompose } from "../../../src/project/compose/read.ts";
import { projectFolder } from "./project-folder.ts";

type Files = Readonly<Record<string, string>>;

/** @param look gets the project while its folder is there */
export async function readComposeFiles<Result>(
  files: Files,
  look: (project: ComposeProject, folder: string) => Result,
  env: Readonly<Record<string, string>> = {},
  given: readonly string[] = [],
): Promise<Result> {
  await using project = await projectFolder(files);
  const caller = { HOME: "/home/user", ...env };
  return look(readCompose(project.folder, caller, given), project.folder);
}

/** @param body of the service web, from its second key on */
export const webFile = (body: string): Files => ({
  "compose.yaml": `services:\n  web:\n    image: x\n${body}`,
});

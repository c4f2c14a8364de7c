import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { ReynsError, throwAll } from "../../errors.ts";
import { listConfFiles } from "../../project/conf/files.ts";
import { readConfFile } from "../../project/conf/read.ts";
import { convertConfs } from "../../project/conf/convert.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { guessProjectName } from "../../project/guess-name.ts";
import type { Conf } from "../../model/project.ts";
import { writeFileAtomic } from "../../lib/write-file-atomic.ts";
import { locateProject } from "../shared/context.ts";

export const examples: Examples = [
  ["reyns convert", "writes reyns.ts next to the .conf files"],
  ["reyns convert force", "overwrites an existing reyns.ts"],
  ["reyns convert json", "with the notes as JSON"],
];

export const command = defineCommand({
  meta: {
    name: "convert",
    description:
      "Writes a reyns.ts that gives the same plan as the project's .conf files, and reports what it could not convert.",
  },
  args: {
    force: { type: "boolean", description: "Overwrite an existing reyns.ts" },
    json: args.json,
  },
  run: async ({ args: { force, json } }) => {
    const place = await locateProject();
    const file = join(place.folder, "reyns.ts");
    if (existsSync(file) && !force) {
      const hint = "move it away, or add force=true";
      throw new ReynsError("FILE_REFUSED", "reyns.ts exists already", { hint, at: { file } });
    }
    const project =
      (await guessProjectName({ ...place, script: undefined }, process.env)) ?? "project";
    const confs = await readConfs(place);
    const { text, notes } = convertConfs({ project, confs, dockerOps: isDockerOps(confs) });
    const before = await stat(file).catch(() => undefined);
    writeFileAtomic(file, text, before && before.mode & 0o777);
    if (json) return printJson({ file, notes });
    print(`${file} is written: ${confs.map(({ name }) => name).join(", ")}`);
    for (const note of notes) log.warn(note);
  },
});

/** Reads all .conf files, the default one first: it is called "default" from now on. */
async function readConfs(place: ProjectPlace): Promise<Conf[]> {
  const files = listConfFiles(place);
  const standard = ["default", "run"].find((name) => files.some((file) => file.name === name));
  const ordered = files.toSorted(
    (a, b) => Number(b.name === standard) - Number(a.name === standard),
  );
  if (ordered.length === 0)
    throw new ReynsError("NO_PROJECT", `${place.folder} has no .conf file to convert`);
  const read = ordered.map(({ name, path }) => readConfFile(path, name));
  throwAll(read.flatMap(({ errors }) => errors));
  return read.map(({ conf }) => conf);
}

/** `run.conf` is the default conf of the oldest projects. */
function isDockerOps([first]: readonly Conf[]): boolean {
  return first?.name === "run";
}

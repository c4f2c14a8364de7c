import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { extractAssets } from "../../assets.ts";
import { resolve } from "node:path";
import { writeEditorFiles } from "../shared/editor-files.ts";

const folder = "reyns-demo";

export const examples: Examples = [
  ["reyns install_demo", "puts it into ./reyns-demo"],
  ["reyns install_demo && cd reyns-demo", "and goes there"],
  ["reyns install_demo json", "prints what was written"],
];

export const command = defineCommand({
  meta: {
    name: "install_demo",
    description: `Puts the demo project into ./${folder}: a DNS and two instances of a service that find each other by name.`,
  },
  args: { json: args.json },
  run: async ({ args: { json } }) => {
    const written = await extractAssets("demo", resolve(folder));
    await writeEditorFiles(resolve(folder));
    if (json) printJson({ folder: resolve(folder), written });
    else print(quickStart);
  },
});

const quickStart = `Demo installed.
Quick start: change into "${folder}", then
- build it:                       reyns build:all
- run it:                         reyns run:all
- see what is running:            reyns ps
- open a session in demo, two:    reyns ssh demo two
  - reach demo, one from there:   ping demo-one
  - leave the session:            exit
- stop it and take it away:       reyns clean:all`;

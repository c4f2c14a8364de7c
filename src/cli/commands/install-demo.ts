import { resolve } from "node:path";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { extractAssets } from "../../assets.ts";
import { writeEditorFiles } from "../common/editor-files.ts";

const folder = "reyns-demo";

export const examples: Examples = [
  ["reyns install_demo", "creates ./reyns-demo"],
  ["reyns install_demo && cd reyns-demo", "and changes into it"],
  ["reyns install_demo json", "prints the files that it wrote"],
];

export const command = defineCommand({
  meta: {
    name: "install_demo",
    description: `Creates the demo project in ./${folder}: a DNS server, and two instances of a service that find each other by name.`,
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
Quick start:
- change into its folder:         cd ${folder}
- build it:                       reyns build all
- run it:                         reyns run all
- see what is running:            reyns ps
- open a session in demo, two:    reyns ssh demo two
  - reach demo, one from there:   ping demo-one
  - leave the session:            exit
- stop and remove it:             reyns clean all`;

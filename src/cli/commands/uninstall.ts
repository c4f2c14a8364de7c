import { rm } from "node:fs/promises";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson, printToStderr } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { confirmOrCancel } from "../../ui/prompts/prompts.ts";
import { readReceipt, receiptFile, removeReceipt } from "../../install/receipt.ts";
import { listTrustRecords } from "../../install/trust/record.ts";
import { removeMarkedLines } from "../../install/shell-files.ts";

export const examples: Examples = [
  ["reyns uninstall", "lists what it removes, and asks first"],
  ["reyns uninstall yes", "without asking"],
  ["reyns uninstall yes json", "for a script"],
];

const kept = `It keeps your projects with their keys and data, and all containers and images. To remove
those first: reyns clean all, in each project.`;

const keptTrust = `Root certificates that reyns trust installed stay trusted. To remove them first:
  reyns trust remove=true all=true`;

export const command = defineCommand({
  meta: {
    name: "uninstall",
    description:
      "Removes everything that the installer added: this executable, its lines in shell files, the completion files, the receipt. Keeps your projects with their keys and data, and all containers and images.",
  },
  args: { yes: args.yes, json: args.json },
  run: async ({ args: { yes = false, json } }) => {
    const { file, shellFiles, completionFiles } = await readReceipt(process.execPath, process.env);
    const marked = shellFiles.map((shellFile) => `its lines in ${shellFile}`);
    const parts = [file, ...completionFiles, ...marked, receiptFile(process.env)];
    const trusted = (await listTrustRecords(process.env)).length > 0 ? [keptTrust] : [];
    const lines = ["This removes", ...parts.map((part) => `  ${part}`), kept, ...trusted];
    const notice = lines.join("\n");
    if (yes) log.info(notice);
    else printToStderr(notice);
    await confirmOrCancel({ question: "Uninstall reyns?", hint: "add yes", yes });
    for (const shellFile of shellFiles) await removeMarkedLines(shellFile);
    for (const completionFile of completionFiles) await rm(completionFile, { force: true });
    await rm(file);
    await removeReceipt(process.env);
    if (json) printJson({ removed: [file, ...completionFiles], changed: shellFiles });
    else print(`${file} is removed`);
  },
});

import { rm } from "node:fs/promises";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson, printToStderr } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { confirmOrCancel } from "../../ui/prompts/prompts.ts";
import { readReceipt, receiptFile, removeReceipt } from "../../install/receipt.ts";
import { removeMarkedLines } from "../../install/shell-files.ts";

export const examples: Examples = [
  ["reyns uninstall", "asks first, and says what stays"],
  ["reyns uninstall yes", "without asking"],
  ["reyns uninstall yes json", "for a script"],
];

const stays = `What stays: projects with their keys and data, and what runs or was built on
Docker. To take that down first: reyns clean all, in each project.`;

export const command = defineCommand({
  meta: {
    name: "uninstall",
    description:
      "Takes out what the installer has put in: this executable, its lines in the shells' files, what completes its words, its receipt. Projects with their keys and data stay, and so does what runs or was built on Docker.",
  },
  args: { yes: args.yes, json: args.json },
  run: async ({ args: { yes, json } }) => {
    const { file, shellFiles, completionFiles } = await readReceipt(process.execPath, process.env);
    const lines = shellFiles.map((one) => `its lines in ${one}`);
    const parts = [file, ...completionFiles, ...lines, receiptFile(process.env)];
    const notice = ["This removes", ...parts.map((part) => `  ${part}`), stays].join("\n");
    if (yes) log.info(notice);
    else printToStderr(notice);
    await confirmOrCancel({ question: "Go on?", hint: "add yes", yes: yes ?? false });
    for (const one of shellFiles) await removeMarkedLines(one);
    for (const one of completionFiles) await rm(one, { force: true });
    await rm(file);
    await removeReceipt(process.env);
    if (json) printJson({ removed: [file, ...completionFiles], changed: shellFiles });
    else print(`${file} is removed`);
  },
});

import { defineCommand } from "citty";
import { shells } from "../completion/format.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { writeRaw } from "../../ui/output/print.ts";
import { readAssetFiles } from "../../assets.ts";
import { ReynsError } from "../../errors.ts";
import { acceptedHint } from "../../lib/suggest.ts";

export const examples: Examples = [
  ['eval "$(reyns completion bash)"', "a line for ~/.bashrc"],
  ['eval "$(reyns completion zsh)"', "a line for ~/.zshrc, after compinit"],
  ["reyns completion fish > ~/.config/fish/completions/reyns.fish", "once"],
];

export const command = defineCommand({
  meta: {
    name: "completion",
    description:
      "Prints what makes a shell complete the words of reyns when TAB is pressed: commands, keys, and the services, instances, confs and tasks of the project. The examples say where it belongs.",
  },
  args: {
    shell: {
      type: "positional",
      required: false,
      valueHint: shells.join("|"),
      description: shells.join(", "),
    },
  },
  run: async ({ args: { shell } }) => {
    const wanted = args.needWord(shell, "shell", "reyns completion bash");
    const scripts = await readAssetFiles("completion");
    const script = scripts.find(({ name }) => name === `reyns.${wanted}`);
    if (!script) {
      const hint = acceptedHint(wanted, shells);
      throw new ReynsError("INVALID_VALUE", `there is no completion for "${wanted}"`, { hint });
    }
    writeRaw(1, script.content);
  },
});

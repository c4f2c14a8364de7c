import { defineCommand } from "citty";
import { shells } from "../completion/format.ts";
import type { Examples } from "../help/help.ts";
import { writeRaw } from "../../ui/output/print.ts";
import { readAssetFiles } from "../../assets.ts";
import { ReynsError } from "../../errors.ts";
import { acceptedHint } from "../../lib/suggest.ts";

export const examples: Examples = [
  ['eval "$(reyns completion bash)"', "a line for ~/.bashrc"],
  ['eval "$(reyns completion zsh)"', "a line for ~/.zshrc, after compinit"],
  ["reyns completion fish > ~/.config/fish/completions/reyns.fish", "run it once"],
];

export const command = defineCommand({
  meta: {
    name: "completion",
    description:
      "Prints a script that adds TAB completion for reyns to a shell: commands, keys, and the project's services, instances, confs and tasks. The examples show how to install it.",
  },
  args: {
    shell: {
      type: "positional",
      required: true,
      valueHint: shells.join("|"),
      description: shells.join(", "),
    },
  },
  run: async ({ args: { shell } }) => {
    const scripts = await readAssetFiles("completion");
    const script = scripts.find(({ name }) => name === `reyns.${shell}`);
    if (!script) {
      const hint = acceptedHint(shell, shells);
      throw new ReynsError("INVALID_VALUE", `there is no completion for "${shell}"`, { hint });
    }
    writeRaw(1, script.content);
  },
});

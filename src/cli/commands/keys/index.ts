import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { ReynsError } from "../../../errors.ts";
import { acceptedHint } from "../../../lib/suggest.ts";
import { exportKeys } from "./export.ts";
import { importKeys, rotateKeys } from "./replace.ts";
import { showKeys } from "./show.ts";

/** What one of the actions is told. */
export interface KeysOptions {
  readonly file: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
}

const actions: Readonly<Record<string, (call: KeysOptions) => Promise<void>>> = {
  show: showKeys,
  export: exportKeys,
  import: importKeys,
  rotate: rotateKeys,
};

export const examples: Examples = [
  ["reyns keys", "their fingerprints"],
  ["reyns keys export", "into PROJECT-keys.json"],
  ["reyns keys import shop-keys.json", "on another machine"],
  ["reyns keys rotate", "makes new ones"],
];

export const command = defineCommand({
  meta: {
    name: "keys",
    description:
      "The project's SSH and TSIG keys: shows their fingerprints, writes them into one file for another machine, takes them from there, or makes new ones.",
  },
  args: {
    action: {
      type: "positional",
      required: false,
      valueHint: Object.keys(actions).join("|"),
      description: "show (unless given), export, import, or rotate",
    },
    file: {
      type: "positional",
      required: false,
      valueHint: "FILE",
      description:
        "What to export to (else PROJECT-keys.json) or import from, a folder with keys as well; - for standard output and input",
    },
    force: {
      type: "boolean",
      description: "Overwrite the file; replace other keys without asking",
    },
    yes: args.yes,
    json: args.json,
  },
  run: async ({ args: { action: given, file, force, yes, json } }) => {
    const name = args.given(given) ?? "show";
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw unknownAction(name);
    const call = { file: args.given(file), json: json ?? false };
    if (call.file !== undefined && !["export", "import"].includes(name)) throw extraWord(call.file);
    // A yes answers the question; that a file is there already is none.
    const isForced = force ?? false;
    return action({ ...call, force: name === "export" ? isForced : isForced || (yes ?? false) });
  },
});

function unknownAction(name: string): ReynsError {
  const hint = acceptedHint(name, Object.keys(actions));
  return new ReynsError("INVALID_VALUE", `keys cannot "${name}"`, { hint });
}

function extraWord(word: string): ReynsError {
  const hint = "only export and import take a file";
  return new ReynsError("EXTRA_WORD", `one word too many: "${word}"`, { hint });
}

import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { ReynsError } from "../../../errors.ts";
import { acceptedHint } from "../../../lib/suggest.ts";
import { exportKeys } from "./export.ts";
import type { KeysOptions } from "./options.ts";
import { importKeys, rotateKeys } from "./replace.ts";
import { showKeys } from "./show.ts";
import { showSigners } from "./signers.ts";

const actions: Readonly<Record<string, (options: KeysOptions) => Promise<void>>> = {
  show: showKeys,
  signers: showSigners,
  export: exportKeys,
  import: importKeys,
  rotate: rotateKeys,
};

export const examples: Examples = [
  ["reyns keys", "their fingerprints"],
  ["reyns keys export", "into PROJECT-keys.json"],
  ["reyns keys import shop-keys.json", "on another machine"],
  ["reyns keys signers", "an allowed_signers file, to verify receipts with ssh-keygen"],
  ["reyns keys rotate", "replaces them with new ones"],
];

export const command = defineCommand({
  meta: {
    name: "keys",
    description:
      "Manages the project's SSH and TSIG keys: shows their fingerprints, exports them to a file for another machine, imports such a file, makes new keys, or prints the allowed_signers file that receipts are verified with.",
  },
  args: {
    action: {
      type: "positional",
      required: false,
      valueHint: Object.keys(actions).join("|"),
      description: "show (the default), export, import, rotate, or signers",
    },
    file: {
      type: "positional",
      required: false,
      valueHint: "FILE",
      description:
        "File to export to (default: PROJECT-keys.json); file or folder with keys to import from; - for standard output or input",
    },
    force: {
      type: "boolean",
      description: "Overwrite the file, or replace keys without asking",
    },
    yes: args.yes,
    json: args.json,
  },
  run: async ({
    args: { action: name = "show", file, force = false, yes = false, json = false },
  }) => {
    const run = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!run) throw unknownAction(name);
    if (file !== undefined && !["export", "import"].includes(name)) throw unexpectedFile(file);
    // yes answers the question about other keys; only force overwrites a file.
    return run({ file, json, force: name === "export" ? force : force || yes });
  },
});

function unknownAction(name: string): ReynsError {
  const hint = acceptedHint(name, Object.keys(actions));
  return new ReynsError("INVALID_VALUE", `unknown action "${name}"`, { hint });
}

function unexpectedFile(file: string): ReynsError {
  const hint = "only export and import take a file";
  return new ReynsError("UNEXPECTED_ARGUMENT", `unexpected argument "${file}"`, { hint });
}

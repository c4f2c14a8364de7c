import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { openShell } from "../common/open-shell.ts";

export const examples: Examples = [
  ["reyns shell db", "a shell, as the image's user"],
  ["reyns shell db -- psql -U postgres", "a command in this terminal"],
  ["reyns shell db user=postgres workdir=/tmp -- psql", "as another user, in another folder"],
  ["reyns shell web detach -- ./import.sh", "leaves it running"],
  ["reyns shell db command=id json", "its output as JSON"],
];

export const command = defineCommand({
  meta: {
    name: "shell",
    description:
      "Opens a shell in an instance through the Engine, as the image's user, or runs a command there and exits with its status.",
  },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    ...args.remote,
    ...args.execSettings,
  },
  run: ({ args: call }) => openShell(call),
});

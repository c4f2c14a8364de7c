import { defineCommand } from "citty";
import { needWord } from "../cli/args.ts";
import { proxySsh } from "../engine/terminal.ts";
import { callersEngine } from "./session.ts";

export const command = defineCommand({
  meta: {
    name: "__proxy",
    description: "Carries ssh's bytes into a container; ssh calls it as its ProxyCommand.",
    hidden: true,
  },
  args: { container: { type: "positional", required: false, description: "Id of the container" } },
  run: async ({ args: { container } }) => {
    await proxySsh(
      callersEngine(),
      needWord(container, "container", "reyns __proxy 0123456789ab"),
      process,
    );
  },
});

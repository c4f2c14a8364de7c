import { defineCommand } from "citty";
import { requireArgument } from "../../args/common.ts";
import { proxySsh } from "../../../runtime/sessions/terminal.ts";
import { ReynsError } from "../../../errors.ts";
import { connectEngine } from "../../shared/context.ts";

export const command = defineCommand({
  meta: {
    name: "__proxy",
    description: "Connects ssh to a container; ssh runs it as its ProxyCommand.",
    hidden: true,
  },
  args: { container: { type: "positional", required: false, description: "Id of the container" } },
  run: async ({ args: { container } }) => {
    const id = requireArgument(container, "container", "reyns __proxy 0123456789ab");
    // The id becomes part of a path of the Engine's API.
    if (!/^[0-9a-f]{12,64}$/.test(id))
      throw new ReynsError("INVALID_VALUE", `"${id}" is not a container id`);
    await proxySsh(await connectEngine(), id, process);
  },
});

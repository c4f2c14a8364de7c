import { defineCommand } from "citty";
import { proxySsh } from "../../../runtime/sessions/attached.ts";
import { ReynsError } from "../../../errors.ts";
import { connectEngine } from "../../common/context.ts";

export const command = defineCommand({
  meta: {
    name: "__proxy",
    description: "Connects ssh to a container; ssh runs it as its ProxyCommand.",
    hidden: true,
  },
  args: { container: { type: "positional", required: true, description: "Id of the container" } },
  run: async ({ args: { container } }) => {
    // The id becomes part of a path of the Engine's API.
    if (!/^[0-9a-f]{12,64}$/.test(container))
      throw new ReynsError("INVALID_VALUE", `"${container}" is not a container id`);
    await proxySsh(await connectEngine(), container, process);
  },
});

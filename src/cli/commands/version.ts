import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { build } from "../../version.ts";
import { ReynsError } from "../../errors.ts";

export const examples: Examples = [
  ["reyns version", "the version of this executable"],
  ["reyns --version", "the same"],
  ["reyns version json", "with the versions of Bun and the Engine"],
];

export const command = defineCommand({
  meta: {
    name: "version",
    description:
      "Prints the version. With json, also the versions of Bun and of the Docker Engine (null when it does not answer).",
  },
  args: {
    short: { type: "boolean", description: "Print the number alone" },
    json: args.json,
  },
  run: async ({ args: { short, json } }) => {
    if (!json) return print(short ? build.version : `reyns ${build.version}`);
    printJson({
      version: build.version,
      commit: build.commit,
      bun: Bun.version,
      engine: await findEngineVersion(),
    });
  },
});

async function findEngineVersion(): Promise<string | null> {
  const [{ connectEngine, withEngineNotice }, { engineVersion }] = await Promise.all([
    import("../common/context.ts"),
    import("../../runtime/connect.ts"),
  ]);
  try {
    return (await withEngineNotice(engineVersion(await connectEngine()))).version;
  } catch (error) {
    if (error instanceof ReynsError) return null;
    throw error;
  }
}

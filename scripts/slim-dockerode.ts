import { dirname, join } from "node:path";
import type { BunPlugin } from "bun";
import protobuf from "protobufjs";

interface Change {
  readonly file: RegExp;
  /** The text to replace, which must be there, and what to put in its place. */
  readonly from: string;
  readonly to: (folder: string) => string;
}

/** The `.proto` file as the JSON that protobufjs makes of it. */
function protoAsJson(folder: string, name: string): string {
  return JSON.stringify(protobuf.loadSync(join(folder, "proto", name)).toJSON());
}

const changes: readonly Change[] = [
  // gRPC and ssh2 take 20 ms to load, and few calls need them: load them in the call that does.
  {
    file: /\/dockerode\/lib\/docker\.js$/,
    from: "withSession = require('./session')",
    to: () => "withSession = (...words) => require('./session')(...words)",
  },
  {
    file: /\/docker-modem\/lib\/modem\.js$/,
    from: "ssh = require('./ssh')",
    to: () => "ssh = (...words) => require('./ssh')(...words)",
  },
  // Both look for a .proto file where it lay on the machine that compiled them.
  {
    file: /\/dockerode\/lib\/session\.js$/,
    from: `protoLoader.loadSync(
      path.resolve(__dirname, "proto", "auth.proto")
    )`,
    to: (folder) => `protoLoader.fromJSON(${protoAsJson(folder, "auth.proto")})`,
  },
  {
    file: /\/dockerode\/lib\/buildkit\.js$/,
    from: `protobuf.loadSync(
    path.resolve(__dirname, "proto", "buildkit_status.proto")
  )`,
    to: (folder) => `protobuf.Root.fromJSON(${protoAsJson(folder, "buildkit_status.proto")})`,
  },
];

/**
 * Makes dockerode start quickly and work inside a compiled executable. A new version in which a text to
 * replace is gone fails the build.
 */
export const slimDockerode: BunPlugin = {
  name: "slim-dockerode",
  setup(build) {
    for (const { file, from, to } of changes) {
      build.onLoad({ filter: file }, async ({ path }) => {
        const source = await Bun.file(path).text();
        if (!source.includes(from))
          throw new Error(`${path} has changed: look at scripts/slim-dockerode.ts`);
        return { contents: source.replace(from, () => to(dirname(path))), loader: "js" };
      });
    }
  },
};

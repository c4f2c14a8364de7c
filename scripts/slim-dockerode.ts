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
  // gRPC takes 10 ms to load, and few calls need it: load it in the call that does.
  {
    file: /\/dockerode\/lib\/docker\.js$/,
    from: "withSession = require('./session')",
    to: () => "withSession = (...words) => require('./session')(...words)",
  },
  {
    file: /\/docker-modem\/lib\/modem\.js$/,
    from: "ssh = require('./ssh')",
    // The user's own ssh does what ssh2 would; that carries a private key as well, to try out what it can read.
    to: () => "ssh = undefined",
  },
  // Only packing a folder needs these, which Reyns does itself.
  ...[
    "DockerIgnore = require('@balena/dockerignore')",
    "tar = require('tar-fs')",
    "zlib = require('zlib')",
  ].map((from) => ({
    file: /\/dockerode\/lib\/util\.js$/,
    from,
    to: () => from.replace(/= (.*)/, "= () => $1"),
  })),
  // The stream of Bun itself does, and is there already.
  {
    file: /\/docker-modem\/lib\/http_duplex\.js$/,
    from: "require('readable-stream')",
    to: () => "require('stream')",
  },
  // Its own log takes every request apart, also when nobody reads it; ours stands in src/docker/client/connect.ts.
  {
    file: /\/docker-modem\/lib\/modem\.js$/,
    from: "debug = require('debug')('modem')",
    to: () => "debug = () => {}",
  },
  {
    file: /\/docker-modem\/lib\/modem\.js$/,
    from: `debug('Sending: %s', util.inspect(options, {
    showHidden: true,
    depth: null
  }));`,
    to: () => "",
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
    for (const [pattern, ofFile] of Map.groupBy(changes, ({ file }) => file.source)) {
      build.onLoad({ filter: new RegExp(pattern) }, async ({ path }) => ({
        contents: applyTo(await Bun.file(path).text(), path, ofFile),
        loader: "js",
      }));
    }
  },
};

function applyTo(source: string, path: string, ofFile: readonly Change[]): string {
  return ofFile.reduce((text, { from, to }) => {
    if (!text.includes(from))
      throw new Error(`${path} has changed: look at scripts/slim-dockerode.ts`);
    return text.replace(from, () => to(dirname(path)));
  }, source);
}

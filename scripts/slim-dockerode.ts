import type { BunPlugin } from "bun";

interface Alias {
  /** As dockerode or docker-modem imports it. */
  readonly module: string;
  /** The end of the importing file's path. */
  readonly importer: string;
  /** The source of the module that takes its place. */
  readonly source: string;
}

const empty = "module.exports = () => () => {};";

/** Modules that take long to load or do not work in a compiled executable, and that Reyns does not need. */
const aliases: readonly Alias[] = [
  // gRPC, for builds whose files BuildKit requests one by one: Reyns sends the context with the request.
  { module: "./session", importer: "dockerode/lib/docker.js", source: empty },
  // Decodes BuildKit's progress, as src/docker/images/buildkit-status.ts does.
  { module: "./buildkit", importer: "dockerode/lib/docker.js", source: empty },
  // For build contexts, which src/runtime/build packs.
  { module: "@balena/dockerignore", importer: "dockerode/lib/util.js", source: empty },
  { module: "tar-fs", importer: "dockerode/lib/util.js", source: empty },
  // ssh2, including a test private key: src/docker/client/ssh-tunnel.ts uses the user's own ssh.
  { module: "./ssh", importer: "docker-modem/lib/modem.js", source: empty },
  // Formats every request for a log that nobody reads; src/docker/client/connect.ts has its own.
  { module: "debug", importer: "docker-modem/lib/modem.js", source: empty },
  // Bun's own streams are loaded anyway.
  {
    module: "readable-stream",
    importer: "docker-modem/lib/http_duplex.js",
    source: "module.exports = require('stream');",
  },
];

const namespace = "dockerode-alias";

/** Replaces the modules above. The build fails if a new version of dockerode no longer imports one of them. */
export const slimDockerode: BunPlugin = {
  name: "slim-dockerode",
  setup(build) {
    const unused = new Set(aliases);
    const modules = [...new Set(aliases.map(({ module }) => RegExp.escape(module)))];
    build.onResolve({ filter: new RegExp(`^(${modules.join("|")})$`) }, ({ path, importer }) => {
      const alias = aliases.find(
        (candidate) => candidate.module === path && importer.endsWith(candidate.importer),
      );
      if (!alias) return undefined;
      unused.delete(alias);
      return { path, namespace };
    });
    build.onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: aliases.find(({ module }) => module === path)?.source ?? "",
      loader: "js",
    }));
    build.onEnd(() => {
      const names = [...unused].map(({ module, importer }) => `${module} of ${importer}`);
      if (names.length > 0)
        throw new Error(`scripts/slim-dockerode.ts: not imported: ${names.join(", ")}`);
    });
  },
};

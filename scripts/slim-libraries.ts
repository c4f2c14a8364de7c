import type { BunPlugin } from "bun";

interface Alias {
  /** As the library imports it. */
  readonly module: string;
  /** The end of the importing file's path. */
  readonly importer: string;
  /** The end of the path of a file that gets the library itself. */
  readonly except?: string;
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
  // Every command is defined with citty; src/cli/args/parse.ts loads the whole of it where there is something to parse.
  {
    module: "citty",
    importer: ".ts",
    except: "src/cli/args/parse.ts",
    source: "export const defineCommand = (command) => command;",
  },
];

const namespace = "library-alias";

/** Replaces the modules above. The build fails if a new version of a library no longer imports one of them. */
export const slimLibraries: BunPlugin = {
  name: "slim-libraries",
  setup(build) {
    const unused = new Set(aliases);
    const modules = [...new Set(aliases.map(({ module }) => RegExp.escape(module)))];
    build.onResolve({ filter: new RegExp(`^(${modules.join("|")})$`) }, ({ path, importer }) => {
      const alias = aliases.find(
        ({ module, importer: ending, except }) =>
          module === path &&
          importer.endsWith(ending) &&
          (except === undefined || !importer.endsWith(except)),
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
        throw new Error(`scripts/slim-libraries.ts: not imported: ${names.join(", ")}`);
    });
  },
};

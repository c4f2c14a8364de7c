import type { BuildOptions } from "../../../api/build-options.ts";
import type { ComposeBuild, ComposeFileMount } from "../compose-file.ts";
import { refuse, toList, type MappedOptions, type ServiceContext } from "./context.ts";
import { serviceName } from "./names.ts";
import { mapUlimits, sizeText } from "./values.ts";

type BuildRule<Value> =
  | ((value: Value, context: ServiceContext) => BuildOptions)
  | { readonly refused: string | undefined }
  | { readonly ignored: string };

type BuildRules = {
  readonly [Field in keyof ComposeBuild]-?: BuildRule<NonNullable<ComposeBuild[Field]>>;
};

const as =
  (name: keyof BuildOptions) =>
  (value: unknown): BuildOptions => ({ [name]: value });

/** What becomes of each field of `build`. */
export const buildFields: BuildRules = {
  additional_contexts: (contexts, { pathOf }) => ({
    additionalContexts: Object.fromEntries(
      Object.entries(contexts).map(([name, source]) => [name, contextSource(source, pathOf)]),
    ),
  }),
  args: (args) => {
    const given = Object.entries(args).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    );
    return given.length === 0 ? {} : { args: Object.fromEntries(given) };
  },
  // The Engine reads caches from images alone: without another one, the image is the same.
  cache_from: (sources, context) => {
    const images = sources
      .map((value, index) => ({ path: ["build", "cache_from", index], value }))
      .filter(({ value }) => /^(?!type=)|^type=registry\b/.test(value));
    return images.length === 0 ? {} : { cacheFrom: toList("build.cacheFrom", images, context) };
  },
  // Others write the cache elsewhere, and the image is the same.
  cache_to: (targets) => (targets.includes("type=inline") ? { cacheTo: ["type=inline"] } : {}),
  context: (path, context) => {
    if (path.startsWith("service:"))
      refuse(context, ["build", "context"], "name it in FROM, or in additional_contexts");
    return { context: context.pathOf(path) };
  },
  dockerfile: (dockerfile) => (dockerfile === "Dockerfile" ? {} : { dockerfile }),
  dockerfile_inline: as("dockerfileInline"),
  entitlements: { refused: "the builder of the Engine grants none" },
  extra_hosts: (hosts) => ({ extraHosts: hosts.map((host) => host.replace("=", ":")) }),
  isolation: { ignored: "it is for Windows" },
  labels: as("labels"),
  network: as("network"),
  no_cache: as("noCache"),
  no_cache_filter: { refused: "use no_cache" },
  platforms: as("platforms"),
  privileged: { refused: "the builder of the Engine has no such rights" },
  provenance: { ignored: "the image is the same" },
  pull: as("pull"),
  sbom: { ignored: "the image is the same" },
  secrets: mapBuildSecrets,
  shm_size: (size) => ({ shmSize: sizeText(size) }),
  ssh: (agents) => ({
    ssh: Object.entries(agents).map(([id, path]) => (path === null ? id : `${id}=${path}`)),
  }),
  tags: as("tags"),
  target: as("target"),
  ulimits: (ulimits) => ({ ulimits: mapUlimits(ulimits) }),
};

/** A folder, an image, or another service by its name here. */
function contextSource(source: string, pathOf: ServiceContext["pathOf"]): string {
  const service = /^service:(.+)$/.exec(source)?.[1];
  return service === undefined ? pathOf(source) : `service:${serviceName(service)}`;
}

function mapBuildSecrets(uses: readonly ComposeFileMount[], context: ServiceContext): BuildOptions {
  const secrets: Record<string, NonNullable<BuildOptions["secrets"]>[string]> = {};
  for (const [index, { source, target = source }] of uses.entries()) {
    const { file, environment } = context.file.secrets?.[source] ?? {};
    if (file !== undefined) secrets[target] = { file: context.pathOf(file) };
    else if (environment !== undefined) secrets[target] = { env: environment };
    else refuse(context, ["build", "secrets", index], "give it as file: or environment:");
  }
  return { secrets };
}

/** How the image is built. */
export function mapBuild(build: ComposeBuild, context: ServiceContext): MappedOptions {
  const parts = Object.entries(build).flatMap(([field, value]: [string, unknown]) => {
    const rule = buildFields[field as keyof ComposeBuild] as BuildRule<unknown> | undefined;
    if (typeof rule === "function") return [rule(value, context)];
    if (rule === undefined || "refused" in rule) refuse(context, ["build", field], rule?.refused);
    return [];
  });
  const { context: folder = ".", ...others } = Object.assign({}, ...parts) as BuildOptions;
  return { build: Object.keys(others).length === 0 ? folder : { context: folder, ...others } };
}

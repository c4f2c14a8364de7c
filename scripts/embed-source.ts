import { dirname, join } from "node:path";
import type { BunPlugin } from "bun";

/** Packages that most calls do without, or that take a few milliseconds to parse. As bytecode, they are three times as large. */
const packages = [
  "@babel/parser",
  "@clack/prompts",
  "@dagrejs/dagre",
  "dockerfile-ast",
  "yaml",
  "zx",
];

const root = dirname(import.meta.dir);
const namespace = "embedded-source";

interface Embedded {
  /** The module that takes the place of the package: it loads the embedded file. */
  readonly loader: string;
  /** The files that the embedded one was made of. */
  readonly inputs: readonly string[];
}

/** Embeds the packages above as source, each bundled into one file, which is parsed when it is needed. */
export async function embedSource(): Promise<{ plugin: BunPlugin; inputs: readonly string[] }> {
  const modules = new Map<string, Embedded>();
  for (const name of packages) modules.set(name, await embed(name));
  const filter = new RegExp(`^(${packages.map((name) => RegExp.escape(name)).join("|")})$`);
  const plugin: BunPlugin = {
    name: "embed-source",
    setup(build) {
      build.onResolve({ filter }, ({ path }) => ({ path, namespace }));
      build.onLoad({ filter: /./, namespace }, ({ path }) => ({
        contents: modules.get(path)?.loader ?? "",
        loader: "js",
      }));
    },
  };
  return { plugin, inputs: [...modules.values()].flatMap(({ inputs }) => inputs) };
}

async function embed(name: string): Promise<Embedded> {
  const file = join(root, "dist", "embedded", `${name.replaceAll("/", "-")}.js`);
  const { outputs, metafile } = await Bun.build({
    entrypoints: [Bun.resolveSync(name, root)],
    target: "bun",
    format: "esm",
    minify: true,
    metafile: true,
  });
  const [output] = outputs;
  if (!output) throw new Error(`${name} gives no file`);
  await Bun.write(file, output);
  const exported = Object.keys((await import(name)) as object).filter((key) => key !== "default");
  // A package of CommonJS may have all of them in its default export only.
  const loader = `import file from ${JSON.stringify(file)} with { type: "file" };
const loaded = await import(file);
export const { ${exported.join(", ")} } = { ...loaded.default, ...loaded };`;
  return { loader, inputs: Object.keys(metafile?.inputs ?? {}) };
}

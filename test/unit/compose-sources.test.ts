// Where the values of a Compose project come from: their places, variables and files.
import { expect, test } from "bun:test";
import { relative } from "node:path";
import { rejectedBy } from "./support/project-folder.ts";
import { readComposeFiles, webFile } from "./support/compose-files.ts";

test("a place is that of the key, or of the entry of a list", async () => {
  const files = webFile(
    "    ports:\n      - 80:80\n      - 81-82:81-82\n    environment: [A=1, B=2]\n",
  );
  const placeOf = await readComposeFiles(files, (project) => (...path: (string | number)[]) => {
    const { line, column } = project.placeOf(["services", "web", ...path]);
    return `${line}:${column}`;
  });
  expect(placeOf()).toBe("2:3");
  expect(placeOf("image")).toBe("3:5");
  expect(placeOf("ports")).toBe("4:5");
  expect(placeOf("ports", 0, "target")).toBe("5:9");
  // Both ports of a range.
  expect(placeOf("ports", 1)).toBe("6:9");
  expect(placeOf("ports", 2, "published")).toBe("6:9");
  expect(placeOf("environment", "B")).toBe("7:24");
  // What is implied is where it is implied; what is not there is at what encloses it.
  expect(placeOf("networks", "default")).toBe("2:3");
  expect(placeOf("nothing", "here")).toBe("2:3");
});

test("a merged value is at its place in the file that gave it", async () => {
  const files = {
    ...webFile("    environment: {A: 1, B: 2}\n    extends: {file: base.yaml, service: base}\n"),
    "base.yaml": "services:\n  base:\n    tty: true\n    environment: {A: 0, Z: 0}\n",
    "compose.override.yaml": "services:\n  web:\n    environment:\n      B: 3\n",
  };
  const places = await readComposeFiles(files, (project, folder) =>
    ["A", "B", "Z"].map((name) => {
      const { file, line } = project.placeOf(["services", "web", "environment", name]);
      return `${name} ${relative(folder, file)}:${line}`;
    }),
  );
  expect(places).toEqual(["A compose.yaml:4", "B compose.override.yaml:4", "Z base.yaml:4"]);
});

test("a value keeps the variables that it was made of, also where its text is split", async () => {
  const files = webFile(`    command: "run --port=\${PORT:-80} \${NAME} 'a \${X?no}'"
    ports: ["\${HOST:-8080}:\${PORT:-80}", "\${RANGE:-1-2}:1-2"]
    volumes: ["\${DATA:-./data}:/data"]
    environment: ["A=\${A:?message}", B=plain, "C=$$\${C}"]
    tty: \${TTY:-true}
    cpus: \${CPUS-0.5}
    hostname: \${COMPOSE_PROJECT_NAME}-host
`);
  const env = { NAME: "n", X: "x", A: "a" };
  const sourceOf = await readComposeFiles(
    files,
    (project) =>
      (...path: (string | number)[]) => {
        const source = project.sourceOf(["services", "web", ...path]);
        if (source?.kind !== "template") return source;
        return source.parts.map(({ text, variable }) =>
          variable ? `${text}<${variable.name}${variable.operator}${variable.word}>` : text,
        );
      },
    env,
  );
  expect(sourceOf("image")).toBeUndefined();
  expect(sourceOf("command", 0)).toBeUndefined();
  expect(sourceOf("command", 1)).toEqual(["--port=", "80<PORT:-80>"]);
  expect(sourceOf("command", 2)).toEqual(["n<NAME>"]);
  expect(sourceOf("command", 3)).toEqual(["a ", "x<X?no>"]);
  expect(sourceOf("ports", 0, "published")).toEqual(["8080<HOST:-8080>"]);
  expect(sourceOf("ports", 0, "target")).toEqual(["80<PORT:-80>"]);
  expect(sourceOf("ports", 1, "published")).toBeUndefined();
  expect(sourceOf("volumes", 0, "source")).toEqual(["./data<DATA:-./data>"]);
  expect(sourceOf("environment", "A")).toEqual(["a<A:?message>"]);
  expect(sourceOf("environment", "B")).toBeUndefined();
  expect(sourceOf("environment", "C")).toEqual(["$", "<C>"]);
  expect(sourceOf("tty")).toEqual(["true<TTY:-true>"]);
  expect(sourceOf("cpus")).toEqual(["0.5<CPUS-0.5>"]);
  expect(sourceOf("hostname")).toBeUndefined();
});

test("bare names and env files are sources", async () => {
  const files = {
    ...webFile("    environment: [CALLER, FILE, GONE]\n    env_file: a.env\n"),
    "a.env": "FROM=file\nFILE=not this\n",
    ".env": "FILE=dotenv\n",
  };
  const { values, sources } = await readComposeFiles(
    files,
    ({ file, sourceOf }, folder) => ({
      values: file.services["web"]?.environment,
      sources: ["CALLER", "FILE", "GONE", "FROM"].map((name) => {
        const source = sourceOf(["services", "web", "environment", name]);
        return source?.kind === "envFile" ? relative(folder, source.file) : source;
      }),
    }),
    { CALLER: "c" },
  );
  expect(values).toEqual({ CALLER: "c", FILE: "dotenv", GONE: null, FROM: "file" });
  expect(sources).toEqual([
    { kind: "variable", name: "CALLER" },
    { kind: "variable", name: "FILE" },
    undefined,
    "a.env",
  ]);
});

test("a value of an env file has another place than its line", async () => {
  const files = {
    ...webFile("    env_file: [a.env, { path: raw.env, format: raw }]\n"),
    "a.env": "# first\nA=1\n\nB='x\ny'\nC=2\n",
    "raw.env": "\nR=$x\n",
  };
  const places = await readComposeFiles(files, ({ placeOf }) =>
    ["A", "B", "C", "R"].map((name) => placeOf(["services", "web", "environment", name]).line),
  );
  expect(places).toEqual([2, 4, 6, 2]);
});

test("the caller's environment wins over .env, and names the files, the profiles and the project", async () => {
  const files = {
    ".env": "TAG=dotenv\nOTHER=dotenv\nCOMPOSE_PROFILES=no\n",
    "a.yaml": "services:\n  a: {image: 'a:${TAG}-${OTHER}'}\n  b: {image: b, profiles: [p]}\n",
    "b.yaml": "services:\n  a: {tty: true}\n",
    "compose.yaml": "services: {unused: {image: x}}\n",
  };
  const env = {
    TAG: "caller",
    COMPOSE_FILE: "a.yaml:b.yaml",
    COMPOSE_PROFILES: "x, p",
    COMPOSE_PROJECT_NAME: "mine",
  };
  const found = await readComposeFiles(
    files,
    ({ file, enabled, files: read }, folder) => ({
      name: file.name,
      image: file.services["a"]?.image,
      tty: file.services["a"]?.tty,
      enabled: [...enabled],
      read: read.map((path) => relative(folder, path)),
    }),
    env,
  );
  expect(found).toEqual({
    name: "mine",
    image: "a:caller-dotenv",
    tty: true,
    enabled: ["a", "b"],
    read: ["a.yaml", "b.yaml"],
  });
});

test("given files win over COMPOSE_FILE, and their folder is the project's", async () => {
  const files = {
    "deep/one.yaml": "services: {a: {image: 'a:${X}', volumes: ['./x:/x']}}\n",
    "deep/.env": "X=deep\nY=deep\n",
    ".env": "X=top\n",
  };
  const found = await readComposeFiles(
    files,
    ({ file, folder }, top) => ({
      name: file.name,
      image: file.services["a"]?.image,
      source: relative(top, file.services["a"]?.volumes?.[0]?.source ?? ""),
      folder: relative(top, folder),
    }),
    { COMPOSE_FILE: "none.yaml" },
    ["deep/one.yaml"],
  );
  expect(found).toEqual({ name: "deep", image: "a:top", source: "deep/x", folder: "deep" });
});

test("a secret has what its variable holds", async () => {
  const files = {
    "compose.yaml": "services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {environment: TOKEN}}\n",
  };
  const secrets = await readComposeFiles(files, ({ file }) => file.secrets, { TOKEN: "t" });
  expect(secrets).toEqual({ s: { name: "shop_s", environment: "TOKEN", content: "t" } });
});

test("a file with resources alone has no services", async () => {
  const services = await readComposeFiles(
    { "compose.yaml": "networks: {n: }\n" },
    ({ file }) => file.services,
  );
  expect(services).toEqual({});
});

test("the project's name is asked for before a file that is missing", async () => {
  const files = {
    "a.yaml": "name: shop\nservices: {a: {image: '${COMPOSE_PROJECT_NAME}'}}\n",
  };
  const [error] = await rejectedBy(
    readComposeFiles(files, () => undefined, { COMPOSE_FILE: "a.yaml:b.yaml" }),
  );
  expect(error?.message).toMatch(/cannot read .*b\.yaml: there is no such file/);
});

test("a folder without a compose file is no project", async () => {
  const [error] = await rejectedBy(readComposeFiles({}, () => undefined));
  expect(error?.code).toBe("NO_PROJECT");
});

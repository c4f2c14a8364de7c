// Compose's options before the command, and the variables that they set.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { takeGlobalOptions } from "../../src/cli/compose-globals.ts";
import { takeTypedOptions } from "../../src/cli/completion/global-options.ts";
import { splitLine } from "../../src/cli/completion/split-line.ts";
import { parseArgv } from "../../src/cli/parse-argv.ts";
import { commands } from "../../src/cli/registry.ts";
import { ReynsError } from "../../src/errors.ts";
import { findProject } from "../../src/project/locate.ts";
import { readCompose } from "../../src/project/compose/read.ts";
import { setCallOptions, withCallOptions } from "../../src/ui/output/log.ts";
import { projectFolder } from "./support/project-folder.ts";

const files = {
  "a.yaml": "services: { web: { image: web } }\n",
  "b.yaml": 'services: { web: { volumes: ["./src:/src"] } }\n',
  "compose.yaml": "services: { web: { image: web } }\n",
  "e.env": "TAG=9\n",
  "e,f.env": "TAG=10\n",
  "with:colon/a.yaml": "services: { web: { image: web } }\n",
  "with:colon/b.yaml": 'services: { web: { volumes: ["./src:/src"] } }\n',
  "script/reyns.ts": 'import { service } from "reyns";\nservice("web", { image: "web" });\n',
};

const start = process.cwd();
let project: Awaited<ReturnType<typeof projectFolder>>;
beforeEach(async () => {
  project = await projectFolder(files);
  process.chdir(project.folder);
});
afterEach(async () => {
  process.chdir(start);
  await project[Symbol.asyncDispose]();
});

/** The rest of a call, and the variables that it sets. */
async function taken(line: string, env: NodeJS.ProcessEnv = {}) {
  const rest = await takeGlobalOptions(line.split(" "), env);
  return { rest: rest.join(" "), env };
}

async function refusalOf(line: string): Promise<ReynsError> {
  const error = await taken(line).then(String, (thrown: unknown) => thrown);
  if (!(error instanceof ReynsError)) throw new Error(`${line}: ${String(error)}`);
  return error;
}

const inFolder = (separator: string, ...names: readonly string[]): string =>
  names.map((name) => join(process.cwd(), name)).join(separator);

describe("options before the command", () => {
  test.each(["-f a.yaml -f b.yaml", "--file a.yaml --file=b.yaml", "-fa.yaml -f=b.yaml"])(
    "%s: both files are read, and nothing of them is left in the call",
    async (options) => {
      const { rest, env } = await taken(`${options} up -d`, { COMPOSE_PATH_SEPARATOR: "," });
      expect(rest).toBe("up -d");
      expect(env).toEqual({
        COMPOSE_FILE: inFolder("\n", "a.yaml", "b.yaml"),
        COMPOSE_PATH_SEPARATOR: "\n",
        PROJECT_DIR: process.cwd(),
      });
    },
  );

  test("those that can be repeated replace the caller's variables together", async () => {
    const line = "--profile x --profile=y --env-file e.env --env-file=a.yaml ps";
    const { rest, env } = await taken(line, { COMPOSE_PROFILES: "z" });
    expect(rest).toBe("ps");
    expect(env).toEqual({
      COMPOSE_PROFILES: "x,y",
      COMPOSE_ENV_FILES: inFolder(",", "e.env", "a.yaml"),
    });
  });

  test("a name is that of the Compose file, or that of the reyns.ts, and wins over the caller's", async () => {
    expect((await taken("-p my_shop ps", { PROJECT_NAME: "other" })).env).toEqual({
      COMPOSE_PROJECT_NAME: "my_shop",
    });
    expect((await taken("--project-directory script -p shop ps")).env).toEqual({
      PROJECT_DIR: join(process.cwd(), "script"),
      PROJECT_NAME: "shop",
    });
  });

  test.each([
    ["-f b.yaml -f a.yaml config", "src"],
    ["-f b.yaml -f a.yaml --project-directory script/.. config", "src"],
    ["--project-directory .. -f b.yaml -f a.yaml config", "../src"],
  ])("%s: relative paths in the files begin at the project's folder", async (line, source) => {
    const { env } = await taken(line);
    const { file } = readCompose(env["PROJECT_DIR"] ?? "", env);
    expect(file.services["web"]?.volumes).toMatchObject([{ source: join(process.cwd(), source) }]);
  });

  test("files are read in a folder with a colon in its name, and below one", async () => {
    const readServices = async (line: string) => {
      const { env } = await taken(line);
      expect(await findProject(process.cwd(), env)).toMatchObject({ folder: env["PROJECT_DIR"] });
      return readCompose(env["PROJECT_DIR"] ?? "", env).file.services["web"];
    };
    const volumes = [{ source: join(process.cwd(), "with:colon/src") }];
    const below = await readServices("-f with:colon/a.yaml -f with:colon/b.yaml config");
    expect(below).toMatchObject({ image: "web", volumes });
    process.chdir("with:colon");
    expect(await readServices("-f a.yaml -f b.yaml config")).toMatchObject({
      image: "web",
      volumes,
    });
  });

  test.each([
    ["-f - up", "-f - is not supported", "write it to a file"],
    ["-f oci://x/y up", "-f oci://x/y is not supported", "fetch it"],
    ["-f nope.yaml up", "-f nope.yaml: no such file", "current folder"],
    ["-f", "-f needs a value", "reyns -f compose.yaml"],
    ["-p", "-p needs a value", "reyns -p shop"],
    ["--profile=", "--profile needs a value", "reyns --profile tools"],
    ["--env-file", "--env-file needs a value", "reyns --env-file prod.env"],
    ["-C", "-C needs a value", "reyns --project-directory ../shop"],
    ["--env-file e,f.env up", "--env-file e,f.env is not supported: its path /", "rename"],
    ["--project-directory nope up", "--project-directory nope: no such folder", "current folder"],
    ["--project-directory a.yaml up", "--project-directory a.yaml: not a folder", "current folder"],
    ["--dry-run up", 'unknown option "--dry-run"', "reyns plan"],
    ["--ansi never ps", 'unknown option "--ansi"', "NO_COLOR=1"],
    ["--progress=plain up", 'unknown option "--progress"', "leave it out"],
    ["--parallel 4 up", 'unknown option "--parallel"', "jobs=NUMBER"],
    ["--verbose up", 'unknown option "--verbose"', "LOG_LEVEL=DEBUG"],
    ["--project-directory script --profile x ps", "--profile has no effect", "group=NAME"],
    ["-f script/reyns.ts ps", "--file has no effect", "--project-directory FOLDER"],
  ])("%s says what to do instead", async (line, message, hint) => {
    const error = await refusalOf(line);
    expect(error.message).toStartWith(message);
    expect(error.hint).toContain(hint);
  });
});

test("calls in messages are shown without the options of this call, or other commands with them", () => {
  const text = 'start it: reyns run web; see reyns help run, reyns.ts and "reyns -p x ps"';
  expect(withCallOptions(text)).toBe(text);
  setCallOptions(["-f", "my file.yaml"]);
  expect(withCallOptions(text)).toBe(text.replace("reyns run", "reyns -f 'my file.yaml' run"));
  setCallOptions([]);
});

describe("completion after options before the command", () => {
  const wordsOf = async (line: string): Promise<unknown> => {
    const typed = splitLine(line);
    const before = { ...process.env };
    const result = await takeTypedOptions(typed, before);
    return "found" in result ? result.found.map(({ text }) => text) : result.typed.words;
  };

  test.each([
    ["reyns -f a.yaml --profile x lo", ["reyns"]],
    ["A=b reyns -f a.yaml logs ", ["A=b", "reyns", "logs"]],
    ["reyns -f a", ["a.yaml"]],
    ["reyns --file=b", ["--file=b.yaml"]],
    ["reyns --env-file e", ["e,f.env", "e.env"]],
    ["reyns -p ", []],
    ["reyns -f nope.yaml ", []],
    ["reyns --pro", ["reyns"]],
  ])("%s: nothing, or something else, is offered", async (line, expected) => {
    expect(await wordsOf(line)).toEqual(expected);
  });
});

describe("the same options after the command", () => {
  const variables = ["COMPOSE_PROFILES", "COMPOSE_ENV_FILES", "COMPOSE_PROJECT_NAME"] as const;
  const before = variables.map((name) => [name, process.env[name]] as const);
  afterEach(() => {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  });

  test("are taken where the command has no such key", async () => {
    const line = "up --profile x -d --env-file e.env --project-name shop web";
    const { options } = await parseArgv(line.split(" "), commands);
    expect(options).toMatchObject({ service: "web" });
    expect(variables.map((name) => process.env[name])).toEqual([
      "x",
      inFolder(",", "e.env"),
      "shop",
    ]);
  });

  test("add to those before the command", async () => {
    const earlier = ["--profile", "x", "--env-file", "e.env"];
    const line = "up --profile y --env-file a.yaml web";
    await parseArgv(line.split(" "), commands, undefined, earlier);
    expect(process.env["COMPOSE_PROFILES"]).toBe("x,y");
    expect(process.env["COMPOSE_ENV_FILES"]).toBe(inFolder(",", "e.env", "a.yaml"));
  });

  test("stay with a command in a container, and with a task", async () => {
    const { options } = await parseArgv("exec web app --profile x".split(" "), commands);
    expect(options["command"]).toContain("--profile");
    const { passthrough } = await parseArgv("do deploy --profile x".split(" "), commands);
    expect(passthrough).toEqual({ profile: "x" });
    expect(process.env["COMPOSE_PROFILES"]).toBe(before[0]?.[1]);
  });

  test("are the command's own key where it has one", async () => {
    const { options } = await parseArgv("keys export --file out.pem".split(" "), commands);
    expect(options).toMatchObject({ file: "out.pem" });
  });
});

import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { explainError } from "../../src/cli/call-hints.ts";
import { composeMeaning, nameAll, translateCompose } from "../../src/cli/compose-words.ts";
import { envWarning } from "../../src/cli/commands/run/options.ts";
import { explainCommand } from "../../src/cli/commands/help.ts";
import { parseArgv } from "../../src/cli/parse-argv.ts";
import { commands } from "../../src/cli/registry.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { findInstances } from "../../src/plan/select/choose.ts";
import { thrownBy } from "./support/project-folder.ts";
import { ReynsError } from "../../src/errors.ts";

test.each([
  ["up", "run"],
  ["up -d", "run"],
  ["up --detach --remove-orphans", "run prune=true"],
  ["up web", "run web"],
  ["up group=node1", "run group=node1"],
  ["down -t 5", "clean -t 5"],
  ["rm web -f -s", "clean web force=true"],
  ["rm -sf web", "clean web force=true"],
  ["ps --format json", "ps json"],
  ["ps web --format=json -a", "ps web json -a"],
  ["exec --index 2 db psql", "exec --index 2 db -- psql"],
  ["rm web one", "clean web one"],
  ["exec db -- psql", "shell db -- psql"],
  ["exec web one -- psql", "shell web one -- psql"],
  ["exec -it db", "shell db"],
  ["exec db command=id json", "shell db command=id json"],
  ["exec db psql", "exec db -- psql"],
  ["exec db psql -U postgres -c x=1", "exec db -- psql -U postgres -c x=1"],
  ["exec -T -u root -e A=1 -w /tmp db ls -l", "exec -u root -e A=1 -w /tmp db -- ls -l"],
  ["exec --user=root db one ls", "exec --user=root db -- one ls"],
  ["ps all", "ps all"],
])("%s means %s", (compose, own) => {
  expect(translateCompose(tokenize(compose.split(" ")))).toEqual(tokenize(own.split(" ")));
});

async function argsOf(name: string): Promise<ArgsDef> {
  return (await commands[name]?.load())?.args as ArgsDef;
}

/** The only mistake of a call. */
async function refusalOf(line: string): Promise<ReynsError> {
  const parsing = parseArgv(line.split(" "), commands);
  const error = await parsing.then(String, (thrown: unknown) => thrown);
  if (!(error instanceof ReynsError)) throw new Error(`${line}: ${String(error)}`);
  return error;
}

describe("up and down without a service", () => {
  test.each([
    ["down", {}],
    ["down -t 5", { stopTimeout: "5" }],
    ["down force", { force: true }],
    ["down data=true yes", { data: true, yes: true }],
    ["up", {}],
    ["up deps=false", { deps: false }],
  ])("%s means all", async (line, expected) => {
    const { options } = await parseArgv(line.split(" "), commands);
    expect(options).toMatchObject({ service: "all", ...expected });
  });

  test.each(["down web", "down service=web", "up group=a", "up conf=test", "rm force"])(
    "%s means no more than it names",
    async (line) => {
      const split = line.split(" ");
      const call = translateCompose(tokenize(split));
      const named = nameAll(split[0], call, await argsOf(call.command ?? ""));
      expect(named).toBe(call);
    },
  );
});

describe("calls in Compose's words that are no calls here", () => {
  test.each([
    ["compose up -d", 'leave out "compose": reyns up -d'],
    ["docker compose ps", 'leave out "docker compose": reyns ps'],
    ["docker-compose ps", 'leave out "docker-compose": reyns ps'],
    ["-f a.yaml up", "instead of -f write: COMPOSE_FILE=a.yaml reyns up"],
    ["--file=a.yaml up web", "instead of --file write: COMPOSE_FILE=a.yaml reyns up web"],
    ["-C .. up", "instead of -C write: PROJECT_DIR=.. reyns up, or: cd .."],
    ["--project-directory . ps", "PROJECT_DIR=. reyns ps, or: cd ."],
    ["-p x ps", "PROJECT_NAME=x reyns ps"],
    ["run --rm api sh -c ls", "reyns run api -- sh -c ls"],
    ["run --rm -it -u root -e A=1 api id", "reyns run api user=root env=A=1 -- id"],
    ["run -T --rm api", "reyns run api -- COMMAND"],
  ])("%s: the hint has the call to make", async (line, hint) => {
    expect((await refusalOf(line)).hint).toContain(hint);
  });

  test.each([
    ["up web --scale api=3", 'unknown key "scale"'],
    ["exec --index 2 api", 'unknown key "index"'],
  ])("%s is one mistake", async (line, message) => {
    expect((await refusalOf(line)).message).toBe(message);
  });
});

describe("hints of calls that name no service, or several", () => {
  const missing = new ReynsError("MISSING_ARGUMENT", "missing argument SERVICE");
  const unknown = new ReynsError("UNKNOWN_INSTANCE", 'no instance "api" of web');
  const services = ["web", "api", "db"];

  async function hintOf(line: string, error: ReynsError, names = services): Promise<string> {
    const { command = "", tokens } = translateCompose(tokenize(line.split(" ")));
    const call = { name: command, args: await argsOf(command), tokens };
    return explainError(error, call, names).hint ?? "";
  }

  test("a missing service is explained with one of the project's", async () => {
    expect(await hintOf("stop", missing)).toBe("for example: reyns stop web or reyns stop all");
    expect(await hintOf("stop", missing, [])).toContain("reyns stop SERVICE or");
    expect(await hintOf("port", missing)).toBe("for example: reyns port web");
  });

  test("several services are explained with the calls to make", async () => {
    const prefix = "a call takes one service, a pattern or all: ";
    expect(await hintOf("stop web api -t 5", unknown)).toBe(
      `${prefix}reyns stop web stop_timeout=5; reyns stop api stop_timeout=5`,
    );
    expect(await hintOf("up -d web api db", unknown)).toBe(
      `${prefix}reyns run web; reyns run api; reyns run db`,
    );
    expect(await hintOf("stop web two", unknown)).toBe("");
  });

  test("a service in the place of the instance is no instance", () => {
    const running = [
      { service: "web", instance: "one" },
      { service: "db", instance: "one" },
    ] as ObservedInstance[];
    const hintFor = (instance: string): string | undefined =>
      thrownBy(() => findInstances(running, { service: "web", instance }))[0]?.hint;
    expect(hintFor("db")).toBe('"db" is a service: a call takes one service, a pattern or all');
    expect(hintFor("two")).toBe("accepted: one");
  });

  test("run detaches in any case", async () => {
    const detach = new ReynsError("UNEXPECTED_ARGUMENT", 'unexpected argument "detach"');
    expect(await hintOf("run all detach", detach)).toContain("run always returns");
    expect((await refusalOf("run all -d")).hint).toContain("run always detaches");
  });
});

test("run all env=… warns of the instances that it changes", () => {
  const wanted = { service: "all", env: { MODE: "cli" }, oneOff: undefined };
  expect(envWarning(wanted, ["web-one", "db-one"])).toStartWith(
    "env sets MODE in all 2 instances, and replaces those in which it differs: web-one, db-one;",
  );
  expect(envWarning({ ...wanted, service: "web" }, ["web-one", "web-two"])).toBeUndefined();
  expect(envWarning({ ...wanted, env: {} }, ["web-one", "db-one"])).toBeUndefined();
});

test.each(["up", "exec"])("help %s explains what Compose's word means", async (word) => {
  const meant = composeMeaning(word);
  const text = await explainCommand(word, commands);
  expect(text).toStartWith(`Docker Compose's ${word} is accepted here, and means ${meant}.\n\n`);
  expect(text).toContain(`Usage: reyns ${meant} `);
});

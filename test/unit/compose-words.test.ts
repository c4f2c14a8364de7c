import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { splitArgv } from "../../src/cli/args/common.ts";
import { joinServices } from "../../src/cli/args/service-word.ts";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { explainError, withCallHints } from "../../src/cli/call-hints.ts";
import { composeOptionRows } from "../../src/cli/help/compose-options.ts";
import {
  composeFlags,
  composeMeaning,
  nameAll,
  translateCompose,
} from "../../src/cli/compose-words.ts";
import { cleanQuestion, noData } from "../../src/cli/commands/clean/data.ts";
import { envWarning } from "../../src/cli/commands/run/options.ts";
import { explainCommand } from "../../src/cli/commands/help.ts";
import { parseArgv } from "../../src/cli/parse-argv.ts";
import { commands } from "../../src/cli/registry.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { findInstances } from "../../src/plan/select/choose.ts";
import { updateExpected } from "../../src/project/expected.ts";
import { readKnownNames } from "../../src/project/known-names.ts";
import { findProject } from "../../src/project/locate.ts";
import { projectFolder, thrownBy } from "./support/project-folder.ts";
import { mistakeIn } from "./support/shell-lines.ts";
import { ReynsError } from "../../src/errors.ts";

test.each([
  ["up", "run"],
  ["up -d", "run"],
  ["up --detach --remove-orphans", "run prune=true"],
  ["up -d --build web", "run web build=true"],
  ["up --build=false web", "run --build=false web"],
  ["up build=false web", "run build=false web"],
  ["up --wait web --wait-timeout 9", "run web --timeout 9"],
  ["up wait=0", "run wait=0"],
  ["up --force-recreate --no-deps -y web", "run web recreate=true deps=false yes=true"],
  ["up --no-recreate --quiet-pull", "run keep=true"],
  ["up -d --no-build web", "run web build=false"],
  ["up --pull always web", "run web pull=true"],
  ["up --pull=missing web", "run web"],
  ["down -v --remove-orphans", "clean data=true confirm=folders"],
  ["down --volumes --rmi local", "clean data=true images=true confirm=folders"],
  ["up web", "run web"],
  ["up group=node1", "run group=node1"],
  ["down -t 5", "clean -t 5 confirm=folders"],
  ["rm web -f -s", "clean web force=true stopped=false"],
  ["rm -sf web", "clean web stopped=false force=true"],
  ["rm -fsv web", "clean -v web force=true stopped=false"],
  ["rm -f web", "clean web force=true stopped=true"],
  ["rm stopped=false", "clean stopped=false"],
  ["ps --format json", "ps json"],
  ["ps web --format=json -a", "ps web json -a"],
  ["exec --index 2 db psql", "exec --instance 2 db -- psql"],
  ["exec --index=2 db", "shell --instance=2 db"],
  ["rm web one", "clean web one stopped=true"],
  ["exec db -- psql", "shell db -- psql"],
  ["exec web one -- psql", "shell web one -- psql"],
  ["exec -it db", "shell db"],
  ["exec db command=id json", "shell db command=id json"],
  ["exec db psql", "exec db -- psql"],
  ["exec db psql -U postgres -c x=1", "exec db -- psql -U postgres -c x=1"],
  ["exec -T -u root -e A=1 -w /tmp db ls -l", "exec -u root -e A=1 -w /tmp db -- ls -l"],
  ["exec --user=root db one ls", "exec --user=root db -- one ls"],
  ["ps all", "ps all"],
  ["ps --filter status=running -aq", "ps -a -q state=running"],
  ["ps --filter status=running --filter=status=exited", "ps state=running state=exited"],
  ["ps --filter=status=exited web", "ps web state=exited"],
  ["ps --format table", "ps"],
  ["config --format yaml", "config"],
  ["config --hash=web", "config web hash=true"],
  ["version -f json", "version json"],
  ["logs --no-log-prefix --no-color web", "logs web prefix=false"],
  ["logs -ft -n100 web", "logs -f -t -n 100 web"],
  ["logs --index 2 web", "logs --instance 2 web"],
  ["port --protocol udp --index=2 web 53", "port --instance=2 web 53/udp"],
  ["cp --index 2 web:/srv .", "cp web/2:/srv ."],
  ["cp --index=2 -L ./x web:/srv", "cp -L ./x web/2:/srv"],
  ["cp --index 2 web/1:/srv ./x:y", "cp web/2:/srv ./x:y"],
  ["build --no-cache --progress plain web", "build web cache=false verbose=true"],
  ["build --with-dependencies --progress=auto web", "build web"],
  ["pull --ignore-buildable --policy always web", "pull web"],
  ["restart --no-deps web", "restart web"],
  ["start --wait web --wait-timeout 9", "start web --timeout 9"],
  ["start wait=0", "start wait=0"],
  ["stats --no-stream -a", "stats"],
  ["stats all", "stats all"],
  ["ls -aq", "ls -q"],
  ["up -dy -t5 web", "run -t 5 web yes=true"],
  ["up --timeout 5 web", "run --stop-timeout 5 web"],
  ["up timeout=5 web", "run timeout=5 web"],
  ["up --detach=true --remove-orphans=true", "run prune=true"],
  ["up d y", "run d y"],
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
    ["down", { confirm: "folders" }],
    ["down -t 5", { stopTimeout: "5" }],
    ["down force", { force: true }],
    ["down data=true yes", { data: true, yes: true }],
    ["up", {}],
    ["up deps=false", { deps: false }],
    ["rm -f", { force: true, stopped: true }],
    ["rm -s", { stopped: false }],
  ])("%s means all", async (line, expected) => {
    const { options } = await parseArgv(line.split(" "), commands);
    expect(options).toMatchObject({ service: "all", ...expected });
  });

  test.each(["down web", "down service=web", "up group=a", "up conf=test", "rm web"])(
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
    ["run -d --rm api ls", "only a command in a fresh container stays attached"],
    ["run --rm --name x api ls", "leave it out"],
    ["run api -v /a:/b", "reyns run --rm -v SOURCE:PATH"],
    ["run api --publish 80:80", "reyns run --rm -v SOURCE:PATH"],
    ["ps --filter name=web", "state=running"],
    ["ps --no-trunc", "write json"],
    ["build --push web", "reyns push SERVICE"],
    ["config -o x.yaml", "reyns config > FILE"],
    ["pull --include-deps web", "name them, or all"],
    ["up --no-attach web", "reyns logs SERVICE follow"],
    ["up -w", "mount the files"],
    ["export web", "docker export with the id"],
    ["config --no-normalize", "leave it out"],
    ["up -V", "reyns clean SERVICE data=true"],
    ["wait --down-project web", "afterwards: reyns down"],
    ["create web --no-recreate", "reyns up -d"],
    ["down --rmi all", "write images=true"],
    ["up --scale web=3", "scale: 3 at the service in compose.yaml"],
    ["scale web=3", "scale: 3 at the service in compose.yaml"],
    ["rm -v web", "reyns clean SERVICE stopped=true data=true"],
  ])("%s: the hint has the call to make", async (line, hint) => {
    expect((await refusalOf(line)).hint).toContain(hint);
  });

  test.each([
    ["up web --scale api=3", 'unknown key "scale"'],
    ["ls --filter name=a", 'unknown key "filter"'],
    ["up --no-attach api web", 'unknown key "no-attach"'],
  ])("%s is one mistake", async (line, message) => {
    expect((await refusalOf(line)).message).toBe(message);
  });
});

describe("run --rm means a command in a fresh container", () => {
  test.each([
    ["run --rm api sh -c ls", { service: "api" }, ["sh", "-c", "ls"]],
    [
      "run --rm -it --no-deps --service-ports -u root -e A=1 -e B=2 api id",
      { user: "root", env: "A=1\0B=2", deps: false, ports: "true" },
      ["id"],
    ],
    ["run -w /srv --rm api ls -l x=1", { workdir: "/srv" }, ["ls", "-l", "x=1"]],
    ["run --rm api -- --help", {}, ["--help"]],
    ["run --rm --pull always api ls", { service: "api", pull: true }, ["ls"]],
    ["run --rm --pull=missing api ls", { service: "api" }, ["ls"]],
    ["run --rm --pull api ls", { service: "api", pull: true }, ["ls"]],
    ["run --no-deps --quiet-pull api ls", { service: "api", deps: false }, ["ls"]],
    ["run -it api ls -i", { service: "api" }, ["ls", "-i"]],
    ["run -e A=1 -T api ls", { service: "api", env: "A=1" }, ["ls"]],
    ["run --entrypoint sh api -c ls", { service: "api", entrypoint: "sh" }, ["-c", "ls"]],
    ["run -P -p 8080:80 api ls", { ports: "true", extraArgs: "--publish 8080:80" }, ["ls"]],
  ])("%s", async (line, expected, command) => {
    const { options } = await parseArgv(line.split(" "), commands);
    expect(options).toMatchObject(expected);
    expect(splitArgv(String(options["command"]))).toEqual(command);
  });

  test.each([["run --rm --name x api ls", 'unknown key "name"']])(
    "%s is one mistake",
    async (line, message) => {
      expect((await refusalOf(line)).message).toBe(message);
    },
  );

  test("volumes, ports and labels of the call are those of the container", async () => {
    const line = "run --rm -v /a:/b --volume=/c:/d -p 80:80 --label x=y --cap-add NET_ADMIN api ls";
    const { options } = await parseArgv(line.split(" "), commands);
    expect(options["extraArgs"]).toBe(
      "--volume /a:/b --volume /c:/d --publish 80:80 --label x=y --cap-add NET_ADMIN",
    );
    expect(splitArgv(String(options["command"]))).toEqual(["ls"]);
  });

  test.each([
    ["run --rm api", { service: "api", rm: true }],
    ["run api --rm", { service: "api", rm: true }],
    ["run -T --rm -e A=1 api", { service: "api", rm: true, env: "A=1" }],
    ["run --publish 80:80 api", { service: "api", rm: true, extraArgs: "--publish 80:80" }],
    ["run api rm", { service: "api", rm: true }],
  ])("%s runs the service's own command", async (line, expected) => {
    const { options } = await parseArgv(line.split(" "), commands);
    expect(options).toMatchObject(expected);
    expect(options["command"]).toBeUndefined();
  });
});

describe("up without -d says how to follow the output", () => {
  test.each([
    ["up", "reyns logs all follow"],
    ["up --build", "reyns logs all follow"],
    ["up web", "reyns logs web follow"],
    ["up web copy=demo", "reyns logs web copy=demo follow"],
  ])("%s: %s", async (line, expected) => {
    expect((await parseArgv(line.split(" "), commands)).followedBy).toBe(expected);
  });

  test("options that choose the project are in that call, too", async () => {
    const before = ["-f", "a.yaml", "--project-directory=my shop"];
    const parsed = await parseArgv(["up", "web"], commands, undefined, before);
    expect(parsed.followedBy).toBe("reyns -f a.yaml '--project-directory=my shop' logs web follow");
    const profiles = process.env["COMPOSE_PROFILES"];
    const late = await parseArgv(["up", "--profile", "x", "--build"], commands);
    if (profiles === undefined) delete process.env["COMPOSE_PROFILES"];
    else process.env["COMPOSE_PROFILES"] = profiles;
    expect(late.followedBy).toBe("reyns --profile x logs all follow");
  });

  test.each([
    ...["up -d", "up -dy", "up --detach web", "up --wait", "up json", "up attach", "up --help"],
    ...["up --exit-code-from web", "up --abort-on-container-exit", "run all", "start all", "down"],
  ])("%s does not", async (line) => {
    expect((await parseArgv(line.split(" "), commands)).followedBy).toBeUndefined();
  });
});

describe("down asks nothing about what it names and the definition declares", () => {
  const leaving = ["web-1", "db-1"];
  const project = { name: "shop", origin: "/shop" };
  const found = { host: "db-1", project, imageId: "sha256:1" };
  const volume = { ...found, folders: [], volumes: ["shop_data"] };
  const folder = { ...found, folders: ["/srv/data_shop/db-1"], volumes: [] };

  test("instances and declared volumes go without a question, which clean asks", () => {
    for (const data of [noData, { ...noData, kept: [volume] }, { ...noData, volumes: ["own"] }]) {
      expect(cleanQuestion({ leaving, data }, "unlessFolders", noData)).toBeUndefined();
      expect(cleanQuestion({ leaving, data }, false)).toContain("emove");
    }
  });

  test.each([{ kept: [volume] }, { volumes: ["old"] }])("others do not: %j", (stored) => {
    const data = { ...noData, ...stored };
    expect(cleanQuestion({ leaving, data }, "unlessFolders", data)).toMatch(
      /volume (shop_data|old)/,
    );
  });

  test.each([{ kept: [folder] }, { former: [folder] }])("folders do not: %j", (stored) => {
    const question = cleanQuestion({ leaving, data: { ...noData, ...stored } }, "unlessFolders");
    expect(question).toContain("data_shop/db-1");
    expect(cleanQuestion({ leaving, data: { ...noData, ...stored } }, true)).toBeUndefined();
  });
});

describe("several services in one call", () => {
  const names = {
    services: ["web", "api", "db"],
    instances: [{ service: "web", instance: "db" }],
  };

  async function joined(line: string): Promise<string> {
    const call = translateCompose(tokenize(line.split(" ")));
    const args = await argsOf(call.command ?? "");
    const { tokens } = await joinServices(call, args, () => Promise.resolve(names));
    return tokens.map(({ text }) => text).join(" ");
  }

  test.each([
    ["stop web api", "service=web,api"],
    ["stop web api db -t 5", "-t 5 service=web,api,db"],
    ["logs -f web api web", "-f service=web,api"],
    ["build api web", "service=api,web"],
    ["up -d web api", "service=web,api"],
    ["clean api web force", "force service=api,web"],
  ])("%s is about all of them", async (line, expected) => {
    expect(await joined(line)).toBe(expected);
  });

  test.each([
    "stop web",
    "stop web db",
    "stop web one",
    "stop web nope",
    "ssh web api",
    "cp web api",
  ])("%s names at most one", async (line) => {
    expect(await joined(line)).toBe(line.split(" ").slice(1).join(" "));
  });

  test("a service of the name of an instance is no second service, also where that name is computed", async () => {
    await using shop = await projectFolder({
      "reyns.ts": 'import { service } from "reyns";\nservice("web", {});\nservice("db", {});\n',
    });
    const place = await findProject(shop.folder, {});
    const call = tokenize(["stop", "web", "db"]);
    const args = await argsOf("stop");
    const join = () => joinServices(call, args, () => Promise.resolve(readKnownNames(place)));
    expect((await join()).tokens.map(({ text }) => text)).toEqual(["service=web,db"]);
    updateExpected(place, (before) => ({
      ...before,
      instances: [{ project: "shop", service: "web", instance: "db" }],
    }));
    expect(await join()).toEqual({
      ...call,
      note: '"db" is the instance of web: service=web,db is both',
    });
  });

  test("each of them has to exist", () => {
    const running = [
      { service: "web", instance: "one" },
      { service: "db", instance: "one" },
    ] as ObservedInstance[];
    const find = (service: string): ObservedInstance[] =>
      findInstances(running, { service, instance: undefined });
    expect(find("web,db")).toEqual(running);
    expect(find("w*,db")).toEqual(running);
    const [error] = thrownBy(() => find("web,dbx"));
    expect([error?.message, error?.hint]).toEqual([
      'no instance of "dbx"',
      'did you mean "db"? accepted: web, db',
    ]);
  });
});

describe("hints of calls that name no service, or several", () => {
  const missing = new ReynsError("MISSING_ARGUMENT", "missing argument SERVICE");
  const unknown = new ReynsError("UNKNOWN_INSTANCE", 'no instance "api" of web');
  const services = ["web", "api", "db"];
  const instances = [{ service: "web", instance: "two" }];
  const known = { services, instances, hosts: ["web-1", "web-2"] };

  async function hintOf(line: string, error: ReynsError, names = services): Promise<string> {
    const { command = "", tokens } = translateCompose(tokenize(line.split(" ")));
    const call = { name: command, args: await argsOf(command), tokens };
    return explainError(error, call, { ...known, services: names }).hint ?? "";
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

  test("a service that is defined, but was not started, is not said to be mistyped", async () => {
    const absent = new ReynsError("UNKNOWN_INSTANCE", 'no instance of "web"', {
      hint: "accepted: db",
    });
    expect(await hintOf("logs web", absent)).toBe("start it: reyns run web");
    expect(await hintOf("logs web", absent, ["db"])).toBe("accepted: db");
    const typed = { argv: ["ps", "web"], taken: ["-f", "a b.yaml"] };
    const explained = await withCallHints(absent, typed, commands, async () => known);
    expect((explained as ReynsError).hint).toBe("start it: reyns -f 'a b.yaml' run web");
    expect((explained as ReynsError).message).toBe(
      'no instance of "web": it is defined, but has no container here',
    );
  });

  test.each([
    ["stop web", "there is nothing to stop"],
    ["kill web", "there is nothing to kill"],
    ["pause web", "there is nothing to pause"],
    ["unpause web", "there is nothing to unpause"],
    ["clean web", "there is nothing to clean"],
    ["down web", "there is nothing to clean"],
    ["rm web", "there is nothing to clean"],
    ["exec web sh", "start it: reyns run web"],
    ["top web", "start it: reyns run web"],
    ["restart web", "start it: reyns run web"],
  ])("%s of a service without a container: %s", async (line, hint) => {
    const absent = new ReynsError("UNKNOWN_INSTANCE", 'no instance of "web"');
    const argv = line.split(" ");
    const explained = await withCallHints(absent, { argv }, commands, async () => known);
    expect((explained as ReynsError).hint).toBe(hint);
  });

  test.each([
    ["logs web 2", 'no instance "2" of web', "start it: reyns -p shop run web 2"],
    ["exec web two", 'no instance "two" of web', "start it: reyns -p shop run web two"],
    ["stop web 2", 'no instance "2" of web', "there is nothing to stop"],
  ])("%s: an instance that is defined is not said to be mistyped", async (line, message, hint) => {
    const absent = new ReynsError("UNKNOWN_INSTANCE", message, { hint: "accepted: 1" });
    const typed = { argv: line.split(" "), taken: ["-p", "shop"] };
    const explained = await withCallHints(absent, typed, commands, async () => known);
    expect(explained).toMatchObject({
      message: `${message}: it is defined, but has no container here`,
      hint,
    });
    const other = new ReynsError("UNKNOWN_INSTANCE", 'no instance "3" of web');
    expect(await withCallHints(other, typed, commands, async () => known)).toBe(other);
  });

  test("where the project has no instances at all, only what needs one says how to start them", async () => {
    const none = 'this project has no instances here; start them with "reyns run all"';
    const absent = new ReynsError("UNKNOWN_INSTANCE", 'no instance of "web"', { hint: none });
    const hintFor = async (command: string): Promise<unknown> => {
      const call = { argv: [command, "web"] };
      return withCallHints(absent, call, commands, async () => known);
    };
    expect(await hintFor("stop")).toMatchObject({ hint: "there is nothing to stop" });
    expect(await hintFor("logs")).toMatchObject({ hint: none });
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

test("help rm says that what runs stays", async () => {
  expect(await explainCommand("rm", commands)).toContain("means clean stopped=true, or with -s");
});

test.each(["up", "exec"])("help %s explains what Compose's word means", async (word) => {
  const meant = composeMeaning(word);
  const text = await explainCommand(word, commands);
  expect(text).toStartWith(`Docker Compose's ${word} is accepted here, and means ${meant}.\n\n`);
  expect(text).toContain(`Usage: reyns ${meant} `);
});

describe("help of Compose's words has the options that are accepted", () => {
  const words = ["up", "down", "rm", "exec"];

  test.each(words)("help %s: before the keys", async (word) => {
    const text = await explainCommand(word, commands);
    const [before = "", keys] = text.split("\nKeys:\n");
    expect(keys).toBeDefined();
    expect(before).toContain("\nOptions, as in Docker Compose:\n");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test.each(words)("help %s: all of them", (word) => {
    const names = composeOptionRows(word).flatMap(([options]) => options.match(/[\w-]+/g) ?? []);
    const known = new Set(names.map((name) => name.replace(/^-+/, "")));
    const flags = composeFlags(word).flatMap((flag) => flag.replace(/^-+/, "").split("="));
    expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
  });

  const values: Readonly<Record<string, string>> = {
    SECONDS: "5",
    SERVICE: "web",
    "NAME=VALUE": "A=1",
    "always|missing": "always",
  };

  test.each(words)("help %s: none that is refused", async (word) => {
    const spelled = composeOptionRows(word).flatMap(([options]) => options.split(", "));
    for (const option of spelled) {
      const given = option.split(" ").map((part) => values[part] ?? part);
      const call = [word, ...given, ...(word === "exec" ? ["web", "ls"] : [])];
      expect([call, await mistakeIn(call)]).toEqual([call, undefined]);
    }
  });
});

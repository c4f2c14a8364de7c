import { describe, expect, test } from "bun:test";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { explainError, withCallHints } from "../../src/cli/call-hints.ts";
import { translateCompose } from "../../src/cli/compose-words.ts";
import { commands } from "../../src/cli/registry.ts";
import { startCall } from "../../src/model/copy-origin.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { findInstances } from "../../src/plan/select/choose.ts";
import { thrownBy } from "./support/project-folder.ts";
import { ReynsError } from "../../src/errors.ts";
import { argsOf, refusalOf } from "./support/calls.ts";

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
    ["ps --format {{.Name}}", "templates are not accepted"],
    ["build --push web", "reyns push SERVICE"],
    ["config -o x.yaml", "reyns config > FILE"],
    ["pull --include-deps web", "name them, or all"],
    ["up --no-attach web", "reyns logs SERVICE follow"],
    ["up --attach web --no-attach db", "show: reyns up --attach web"],
    ["up --attach web --attach-dependencies", "show: reyns up --attach web"],
    ["up --attach web --no-log-prefix", "reyns logs SERVICE follow, with prefix=false"],
    ["up --dettach", 'did you mean "detach"?'],
    ["up --no-dep web", 'did you mean "no-deps"?'],
    ["up --quiet-pul web", 'did you mean "quiet-pull"?'],
    ["restart web --no-dep", 'did you mean "no-deps"?'],
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
    ["up --bogus", "see reyns help up"],
    ["up web one two", "reyns up takes SERVICE and INSTANCE, then key=value; see reyns help up"],
    ["down --bogus", "see reyns help down"],
    ["rm --bogus", "see reyns help rm"],
    ["run --bogus web", "see reyns help run"],
    ["exec", "for example: reyns exec db"],
    ["shell", "for example: reyns shell db"],
  ])("%s: the hint has the other of two words for one command", async (line, hint) => {
    expect((await refusalOf(line)).hint).toBe(hint);
  });

  test.each(["exec", "shell"])(
    "%s without a service: the example has the other word",
    async (word) => {
      const missing = new ReynsError("MISSING_ARGUMENT", "missing argument SERVICE");
      const known = { services: ["db"], instances: [], hosts: [] };
      const [argv, names] = [[word], async () => known] as const;
      const explained = await withCallHints(missing, { argv }, commands, names);
      expect(explained).toMatchObject({ hint: `for example: reyns ${word} db` });
    },
  );

  test.each([
    ["up web --scale api=3", 'unknown key "scale"'],
    ["ls --filter name=a", 'unknown key "filter"'],
    ["up --no-attach api web", 'unknown key "no-attach"'],
    ["run --rm --name x api ls", 'unknown key "name"'],
    ["exec --foo web ls", 'unknown key "foo"'],
    ["port --foo web", 'unknown key "foo"'],
  ])("%s is one mistake", async (line, message) => {
    expect((await refusalOf(line)).message).toBe(message);
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
      { service: "worker", instance: "one" },
    ] as ObservedInstance[];
    const hintFor = (instance: string): string | undefined =>
      thrownBy(() => findInstances(running, { service: "web", instance }))[0]?.hint;
    expect(hintFor("db")).toBe('"db" is a service: a call takes one service, a pattern or all');
    expect(hintFor("two")).toBe("accepted: one");
    expect(hintFor("onne")).toBe('did you mean "one"? accepted: one');
    expect(hintFor("wokrer")).toBe('did you mean the service "worker"?');
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
    ["exec web sh", "start it: reyns up web"],
    ["shell web", "start it: reyns run web"],
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
    ["exec web two", 'no instance "two" of web', "start it: reyns -p shop up web two"],
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
    const hintFor = async (line: string, isCompose = false): Promise<unknown> => {
      const names = async () => ({ ...known, isCompose });
      return withCallHints(absent, { argv: line.split(" ") }, commands, names);
    };
    expect(await hintFor("stop web")).toMatchObject({ hint: "there is nothing to stop" });
    expect(await hintFor("logs web")).toMatchObject({ hint: none });
    // In Compose's words where the call has them, or the project.
    const composeHint = none.replace("run all", "up");
    for (const [line, isCompose] of [
      ["exec web sh", false],
      ["exec unknown sh", true],
      ["logs web", true],
      ["shell web", true],
    ] as const)
      expect(await hintFor(line, isCompose)).toMatchObject({ hint: composeHint });
  });

  test("a note that nothing runs has the call to make in the words of the definition", () => {
    const [place, compose] = [{ origin: "/shop" }, "/shop/compose.yaml"];
    expect(startCall(place)).toBe("reyns run all");
    expect(startCall({ ...place, compose })).toBe("reyns up");
    const copy = { origin: "/shop//copy:demo", compose };
    expect(startCall(copy, "web")).toBe("reyns up web copy=demo");
  });

  test("run detaches in any case", async () => {
    const detach = new ReynsError("UNEXPECTED_ARGUMENT", 'unexpected argument "detach"');
    expect(await hintOf("run all detach", detach)).toContain("run always returns");
    expect((await refusalOf("run all -d")).hint).toContain("run always detaches");
  });
});

import { describe, expect, test } from "bun:test";
import { splitArgv } from "../../src/cli/args/common.ts";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { nameAll, translateCompose } from "../../src/cli/compose-words.ts";
import { parseArgv } from "../../src/cli/parse-argv.ts";
import { commands } from "../../src/cli/registry.ts";
import { argsOf } from "./support/calls.ts";

test.each([
  ["up", "run"],
  ["up -d", "run"],
  ["up --detach --remove-orphans", "run prune=true"],
  ["up -d --build web", "run web build=true"],
  ["up --build=false web", "run --build=false web"],
  ["up build=false web", "run build=false web"],
  ["up --wait web --wait-timeout 9", "run web --timeout 9"],
  ["up wait=0", "run wait=0"],
  ["up --attach web", "run show=web"],
  ["up --attach web --attach=db -d cache", "run cache show=web,db"],
  ["up --attach", "run --attach"],
  ["up attach", "run attach"],
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

describe("up, down, stop and their like without a service", () => {
  test.each([
    ["down", { confirm: "folders" }],
    ["down -t 5", { stopTimeout: "5" }],
    ["down force", { force: true }],
    ["down data=true yes", { data: true, yes: true }],
    ["up", {}],
    ["up deps=false", { deps: false }],
    ["rm -f", { force: true, stopped: true }],
    ["rm -s", { stopped: false }],
    ["stop -t 5", { stopTimeout: "5" }],
    ["start", {}],
    ["restart", {}],
    ["pause", {}],
    ["unpause", {}],
    ["kill -s HUP", { signal: "HUP" }],
  ])("%s means all", async (line, expected) => {
    const { options } = await parseArgv(line.split(" "), commands);
    expect(options).toMatchObject({ service: "all", ...expected });
  });

  test.each([
    "down web",
    "down service=web",
    "up group=a",
    "up conf=test",
    "rm web",
    "stop group=a",
    "stop instance=one",
  ])("%s means no more than it names", async (line) => {
    const split = line.split(" ");
    const call = translateCompose(tokenize(split));
    const named = nameAll(split[0], call, await argsOf(call.command ?? ""));
    expect(named).toBe(call);
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

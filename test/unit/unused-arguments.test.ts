// An argument that would change nothing is refused: somebody expects that it does something.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ParsedArgs } from "citty";
import { parseArgv } from "../../src/cli/parse-argv.ts";
import { commands } from "../../src/cli/registry.ts";
import { rejectedBy } from "./support/project-folder.ts";

const before = process.env["DOCKER_HOST"];
// A call that is not refused finds no Engine.
beforeAll(() => void (process.env["DOCKER_HOST"] = "unix:///nowhere.sock"));
afterAll(() => {
  if (before === undefined) delete process.env["DOCKER_HOST"];
  else process.env["DOCKER_HOST"] = before;
});

/** The mistakes of a call, each with its hint. */
async function mistakesOf(line: string): Promise<string[]> {
  const { command, options } = await parseArgv(line.split(" "), commands);
  const args = { _: [], ...options } as unknown as ParsedArgs;
  const errors = await rejectedBy(
    Promise.resolve(command.run?.({ rawArgs: [], args, cmd: command })),
  );
  for (const { exitStatus } of errors) expect(exitStatus).toBe(2);
  return errors.map(({ message, hint = "" }) => `${message}\n${hint}`);
}

test("clean takes a conf with strict or orphans only", async () => {
  for (const line of ["clean all conf=prd", "clean web conf=prd", "clean group=a conf=prd"]) {
    const [mistake, ...others] = await mistakesOf(line);
    expect(mistake).toContain("conf belongs to strict or orphans");
    expect(mistake).toContain("reyns clean strict=true conf=prd");
    expect(others).toEqual([]);
  }
});

describe("run plan=FILE does what the plan says, and takes nothing that says something else", () => {
  test.each([
    ["run web one plan=a.plan", "service, instance"],
    ["run plan=a.plan conf=prod group=a -e A=1 prune", "group, conf, env, prune"],
    ["run plan=a.plan prune=false keep=false recreate", "keep, recreate, prune"],
    ["run web plan=a.plan -- ls", "service, command"],
    ["run plan=a.plan nethost publish_ports=false", "publish_ports, nethost"],
    ["run plan=a.plan build pull deps=false ports=free", "ports, build, pull, deps"],
  ])("%s", async (line, names) => {
    const refused = `run plan=a.plan does what the plan says; it does not take ${names}\n`;
    expect((await mistakesOf(line)).join()).toContain(refused);
  });

  test("what it leaves open is taken", async () => {
    const taken = "yes json quiet parallel timeout=5 jobs=2 wait=3 build=false pull=false adopt";
    // The first mistake is that there is no such file.
    expect((await mistakesOf(`run plan=a.plan ${taken}`)).join()).toContain("no such plan: a.plan");
  });
});

describe("reallyall is about all containers, and refuses what would narrow it", () => {
  test.each([
    ["ps web reallyall", "service"],
    ["ps web one reallyall all", "service, instance, all"],
    ["ps reallyall state=exited services", "state, services"],
    ["ps reallyall copy=demo node=a", "copy, node"],
    ["clean reallyall one", "instance"],
    ["clean reallyall conf=x group=a strict", "group, conf, strict"],
  ])("%s", async (line, names) => {
    expect((await mistakesOf(line)).join()).toContain(`it does not take ${names}\n`);
  });
});

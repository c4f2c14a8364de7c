import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { parseOptions } from "../../src/cli/args/parse.ts";
import { env, parseEnv, splitArgv, splitValues } from "../../src/cli/args/common.ts";
import { runArgs } from "../../src/cli/args/run.ts";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { optionsOf, remoteArgs } from "./support/calls.ts";

describe("every way of writing a call is the same call", () => {
  const same: [string, string[][]][] = [
    [
      "run postgres one safemode=true",
      [
        ["run:postgres,instance=one,safemode=True"],
        ["run:postgres,", "instance=one,", "safemode=True"],
        ["run:postgres,one,safemode"],
        ["run:postgres, instance=one,safemode=y"],
        ["run:", "postgres", "one", "safemode=1"],
        ["run", "postgres", "one", "safemode=yes"],
        ["run", "postgres", "one", "safemode"],
        ["run", "postgres", "--instance", "one", "--safemode"],
        ["run", "postgres", "--instance=one", "--safemode=TRUE"],
        ["run", "--safemode", "postgres", "one"],
        ["run", "--safemode", "true", "postgres", "one"],
        ["run", "instance=one", "service=postgres", "safemode=true", "safemode=true"],
      ],
    ],
    [
      "run postgres one publish_ports=false group=x",
      [
        ["run:postgres,one,publish_ports=False,group=x"],
        ["run", "postgres", "one", "--publish-ports", "false", "--group", "x"],
        ["run", "postgres", "one", "publishPorts=no", "group=x"],
        ["run", "postgres", "one", "--publish_ports=0", "--group=x"],
      ],
    ],
  ];
  test.each(same)("%s", async (plain, others) => {
    const expected = await optionsOf(plain.split(" "));
    for (const argv of others) expect(await optionsOf(argv)).toEqual(expected);
  });

  test("arguments are assigned by position, keys by name", async () => {
    expect(
      await optionsOf(["run", "postgres", "one", "safemode", "linked=no", "timeout=5"]),
    ).toEqual({
      service: "postgres",
      instance: "one",
      safemode: true,
      linked: false,
      timeout: "5",
    });
    expect(await optionsOf(["run", "instance=one"])).toEqual({ instance: "one" });
    expect(await optionsOf([])).toEqual({});
  });

  test("an option that is not given has its default", async () => {
    const args: ArgsDef = {
      shell: { type: "enum", options: ["bash", "zsh"], default: "bash" },
      colour: { type: "boolean", default: true },
    };
    expect(await optionsOf([], args)).toEqual({ shell: "bash", colour: true });
    expect(await optionsOf(["x", "shell=zsh", "colour=no"], args)).toEqual({
      shell: "zsh",
      colour: false,
    });
  });
});

describe("command= takes the rest of its argument, commas included", () => {
  const calls: [string[], string][] = [
    [["ssh:demo,instance=two,command=echo a, b,c"], "echo a, b,c"],
    [["ssh:demo,two,command=a=b,json=true"], "a=b,json=true"],
    [["ssh", "demo", "two", "command=x --y, z"], "x --y, z"],
    [["ssh", "demo", "two", "--command", "ls -l"], "ls -l"],
    [
      ["ssh", "demo", "two", "--", "ls", "-l", "a b", "it's", "", "x=1", "json"],
      `ls -l 'a b' 'it'\\''s' '' x=1 json`,
    ],
    [["ssh", "demo", "two", "command=first\nsecond"], "first\nsecond"],
  ];
  test.each(calls)("%j", async (argv, command) => {
    expect(await optionsOf(argv, remoteArgs)).toEqual({
      command,
      instance: "two",
      service: "demo",
    });
  });
});

test("the words after -- reach a one-off as they are", async () => {
  const { options } = await parseOptions(tokenize(["run", "web", "--", "sh", "-c", "a  b", ""]), {
    name: "run",
    args: runArgs,
  });
  expect(splitArgv(String(options["command"]))).toEqual(["sh", "-c", "a  b", ""]);
  expect(splitArgv("echo a  b")).toEqual(["/bin/sh", "-c", "echo a  b"]);
});

test("a boolean takes the next argument only if that is a boolean value", async () => {
  expect(await optionsOf(["run", "--safemode", "demo"])).toEqual({
    safemode: true,
    service: "demo",
  });
  expect(await optionsOf(["run", "demo", "--safemode", "no"])).toEqual({
    safemode: false,
    service: "demo",
  });
});

test("a key takes the next argument, also one of the form of a key", async () => {
  expect(await optionsOf(["run", "--group", "a=b", "demo"])).toEqual({
    group: "a=b",
    service: "demo",
  });
  const { options } = await parseOptions(
    tokenize(["run", "demo", "-e", "A=1", "env=B=2", "--env=C="]),
    {
      name: "run",
      args: { service: runArgs.service, env },
    },
  );
  expect(parseEnv(options["env"] as string)).toEqual({ A: "1", B: "2", C: "" });
});

test("an empty value is one where the definition has it as the default", async () => {
  const args: ArgsDef = { line: { type: "string", default: "" }, shell: { type: "string" } };
  expect(await optionsOf(["complete", "line=", "shell=fish"], args)).toEqual({
    line: "",
    shell: "fish",
  });
});

test("arguments that begin with a hyphen or are no key stay arguments", async () => {
  expect(await optionsOf(["run", "-1", "=x"])).toEqual({ service: "-1", instance: "=x" });
  expect(await optionsOf(["run", "-", "-1", "timeout=-1"])).toEqual({
    service: "-",
    instance: "-1",
    timeout: "-1",
  });
});

test("a positional that can be repeated takes all arguments that are left", async () => {
  const args: ArgsDef = {
    action: { type: "positional", required: false },
    names: { type: "positional", required: false },
    json: { type: "boolean" },
  };
  const namesOf = async (...words: string[]): Promise<string[]> => {
    const { options } = await parseOptions(tokenize(["volumes", ...words]), {
      name: "volumes",
      args,
    });
    return splitValues(options["names"] as string | undefined);
  };
  expect(await namesOf()).toEqual([]);
  expect(await namesOf("remove")).toEqual([]);
  expect(await namesOf("remove", "a", "json", "b c", "d")).toEqual(["a", "b c", "d"]);
  expect(await namesOf("remove", "names=a", "names=b")).toEqual(["a", "b"]);
});

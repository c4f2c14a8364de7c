import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { parseOptions } from "../../src/cli/args/parse.ts";
import { env, parseEnv, splitArgv, splitValues } from "../../src/cli/args/common.ts";
import { rerunArgs, runArgs } from "../../src/cli/args/run.ts";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { parseArgv, wantsJson } from "../../src/cli/parse-argv.ts";
import { commands } from "../../src/cli/registry.ts";
import { rejectedBy } from "./support/project-folder.ts";

/** The options of a call that have a value. */
async function optionsOf(argv: readonly string[], args: ArgsDef = runArgs): Promise<object> {
  const { options } = await parseOptions(tokenize(argv), { name: "run", args });
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const remote: ArgsDef = {
  service: { type: "positional", required: false },
  instance: { type: "positional", required: false },
  command: { type: "string" },
  json: { type: "boolean", alias: "jsonout" },
};

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
    expect(await optionsOf(argv, remote)).toEqual({ command, instance: "two", service: "demo" });
  });
});

test("a command that runs nothing in an instance takes none after --", async () => {
  const call = tokenize(["stop", "demo", "--", "ls"]);
  const args = { service: { type: "positional" } } as const;
  const [error] = await rejectedBy(parseOptions(call, { name: "stop", args }));
  expect(error?.message).toBe('unexpected command after "--": ls');
});

test("the words after -- reach a one-off as they are", async () => {
  const { options } = await parseOptions(tokenize(["run", "web", "--", "sh", "-c", "a  b", ""]), {
    name: "run",
    args: runArgs,
  });
  expect(splitArgv(String(options["command"]))).toEqual(["sh", "-c", "a  b", ""]);
  expect(splitArgv("echo a  b")).toEqual(["/bin/sh", "-c", "echo a  b"]);
});

describe("every mistake is reported", () => {
  const wrong: [string[], string[]][] = [
    [["run", "demo", "safemod=true"], ['UNKNOWN_KEY unknown key "safemod"']],
    [["run", "demo", "--x"], ['UNKNOWN_KEY unknown key "x"']],
    [["run", "demo", "__proto__=1"], ['UNKNOWN_KEY unknown key "__proto__"']],
    [["run", "demo", "constructor=1"], ['UNKNOWN_KEY unknown key "constructor"']],
    [["run", "demo", "one", "two"], ['UNEXPECTED_ARGUMENT unexpected argument "two"']],
    [
      ["run", "demo", "-x", "-y"],
      ['UNKNOWN_KEY unknown key "x"', 'UNKNOWN_KEY unknown key "y"'],
    ],
    [["run", "demo", "linked=maybe"], ['INVALID_VALUE linked is "maybe"']],
    [["run", "demo", "linked="], ['INVALID_VALUE linked is ""']],
    // A variable of a script that is empty must not run something else.
    [["run", "all", "receipt="], ["INVALID_VALUE receipt= has no value"]],
    [["run", "all", "--plan="], ["INVALID_VALUE plan= has no value"]],
    [["run", "demo", "instance_type=mastr"], ['INVALID_VALUE instance_type is "mastr"']],
    [["run", "demo", "--group"], ["INVALID_VALUE --group needs a value"]],
    [["run", "demo", "--group", "--json"], ["INVALID_VALUE --group needs a value"]],
    [["run", "demo", "group=a", "group=b"], ["INVALID_VALUE group has two different values"]],
    [
      ["run", "a", "b", "c", "bad=1", "linked=2"],
      [
        'UNKNOWN_KEY unknown key "bad"',
        'UNEXPECTED_ARGUMENT unexpected argument "c"',
        'INVALID_VALUE linked is "2"',
      ],
    ],
    [
      ["run:demo,one,two,=x"],
      [
        'UNEXPECTED_ARGUMENT unexpected argument "two"',
        'UNEXPECTED_ARGUMENT unexpected argument "=x"',
      ],
    ],
  ];
  test.each(wrong)("%j", async (argv, expected) => {
    const errors = await rejectedBy(optionsOf(argv));
    expect(errors.map(({ code, message }) => `${code} ${message}`)).toEqual(expected);
    for (const { exitStatus } of errors) expect(exitStatus).toBe(2);
  });

  test.each(["plan=x", "new=true", "user=root", "command=id"])(
    "rerun takes no %s",
    async (option) => {
      const call = tokenize(["rerun", "demo", option]);
      expect(await rejectedBy(parseOptions(call, { name: "rerun", args: rerunArgs }))).toHaveLength(
        1,
      );
    },
  );

  test("two commands are a mistake", async () => {
    const errors = await rejectedBy(optionsOf(["ssh", "demo", "command=ls", "--", "pwd"], remote));
    expect(errors.map(({ message }) => message)).toEqual(["command has two different values"]);
  });

  const hints: [string[], string][] = [
    [["run", "x", "safemod=1"], 'did you mean "safemode"? see reyns help run'],
    [["run", "x", "zzzzz=1"], "see reyns help run"],
    [["run", "x", "--no-recreate"], "write keep=true"],
    [["build", "x", "--no-cache"], "write cache=false"],
    [["run", "x", "instance_type=mastr"], 'did you mean "master"? accepted: standard, published'],
    [["run", "x", "linked=2"], "accepted: True or False, yes or no, 1 or 0"],
    [
      ["run", "a", "b", "c"],
      "reyns run takes SERVICE and INSTANCE, then key=value; see reyns help run",
    ],
  ];
  test.each(hints)("%j gets a hint", async (argv, hint) => {
    expect((await rejectedBy(optionsOf(argv)))[0]?.hint).toStartWith(hint);
  });

  test("a megabyte of it is refused", async () => {
    const huge = "x".repeat(1_000_000);
    expect(await rejectedBy(optionsOf(["run", "demo", `${huge}=1`, "one", huge]))).toHaveLength(2);
  });
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

test("a bare key, an empty value and a gap between arguments leave an option out", async () => {
  expect(await optionsOf(["run", "demo", "group="])).toEqual({ service: "demo" });
  expect(await optionsOf(["run", "", "one"])).toEqual({ instance: "one" });
});

test("arguments that begin with a hyphen or are no key stay arguments", async () => {
  expect(await optionsOf(["run", "-1", "=x"])).toEqual({ service: "-1", instance: "=x" });
  expect(await optionsOf(["run", "-", "-1", "timeout=-1"])).toEqual({
    service: "-",
    instance: "-1",
    timeout: "-1",
  });
});

test("a positional without required: false is required", async () => {
  const args: ArgsDef = { name: { type: "positional" }, json: { type: "boolean" } };
  expect(await optionsOf(["create", "shop"], args)).toEqual({ name: "shop" });
  for (const argv of [["create"], ["create", ""], ["create", "json"]]) {
    const [error] = await rejectedBy(optionsOf(argv, args));
    expect(error).toMatchObject({ code: "MISSING_ARGUMENT", message: "missing argument NAME" });
  }
});

test("-h is short for --help, and a command's name may be missing", () => {
  expect(tokenize(["run", "-h"]).tokens).toEqual([{ text: "-h", key: "help" }]);
  expect(tokenize(["-h"])).toEqual({ command: "-h", tokens: [], rest: [] });
  expect(tokenize(["--x:y"])).toEqual({ command: "--x:y", tokens: [], rest: [] });
  expect(tokenize([":x"])).toEqual({ command: "", tokens: [{ text: "x" }], rest: [] });
  expect(tokenize([])).toEqual({ command: undefined, tokens: [], rest: [] });
});

describe("a command line names a command and its options", () => {
  const calls: [string, string, object][] = [
    ["", "help", {}],
    ["-h", "help", {}],
    ["run web --help", "help", { command: "run" }],
    ["ip web -h", "help", { command: "getip" }],
    ["help -h", "help", {}],
    ["--version", "version", {}],
    ["ip web", "getip", { service: "web" }],
  ];
  test.each(calls)("reyns %s", async (line, name, expected) => {
    const { command, options } = await parseArgv(line.split(" ").filter(Boolean), commands);
    expect(command.meta).toMatchObject({ name });
    expect(options).toMatchObject(expected);
  });

  test.each([
    ["ps json", true],
    ["ps --jsonout", true],
    ["ps json=no", false],
    ["run:web,json=True,unknown=1", true],
    ["ps", false],
    ["ssh web -- json", false],
  ])("reyns %s: JSON is %p", (line, expected) => {
    expect(wantsJson(line.split(" "))).toBe(expected);
  });
});

test("an empty copy, node or group is no call about the project, all machines or all instances", async () => {
  const calls = ["run all copy=", "ps copy=", "run all node=", "load x.reyns node="].concat(
    ["clean", "stop", "rerun", "kill", "restart"].map((name) => `${name} all group=`),
  );
  for (const line of calls) {
    const key = line.slice(line.lastIndexOf(" ") + 1);
    const parsed = parseArgv(line.split(" "), commands);
    await expect(parsed).rejects.toThrow(`${key} has no value`);
  }
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

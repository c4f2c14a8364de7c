import { describe, expect, test } from "bun:test";
import { overridable } from "../../src/model/env-value.ts";
import { mergeMissing, resolveEnvironment } from "../../src/plan/resolve/environment.ts";
import type { EnvValue } from "../../src/model/project.ts";
import { ask, text } from "./support/definitions.ts";

describe("environment", () => {
  const interfaces = { eth0: "10.0.0.7", "br-1.2": "10.1.0.1", "br-0123456789ab": "10.2.0.1" };
  const resolve = (
    asked: Record<string, EnvValue>,
    caller: Record<string, string> = {},
    hostConf: Record<string, string> = {},
  ) => resolveEnvironment(asked, "web-one", { caller, hostConf, interfaces });

  const order: [Record<string, string>, Record<string, string>, EnvValue, string, string[]][] = [
    [{}, {}, text("conf"), "conf", []],
    [
      {},
      { A: "host" },
      overridable("A", "conf"),
      "host",
      ["A comes from host.conf, not from the definition"],
    ],
    [
      { A: "caller" },
      { A: "host" },
      overridable("A", "conf"),
      "caller",
      ["A comes from the environment, not from the definition"],
    ],
    [{ A: "caller" }, { A: "host" }, text("definition"), "definition", []],
    [{ B: "caller" }, {}, { kind: "variable", name: "B", text: "x" }, "caller", []],
    [{ A: "caller" }, { A: "host" }, ask, "caller", []],
    [{ A: "conf" }, {}, text("conf"), "conf", []],
    [{ A: "" }, { A: "host" }, ask, "", []],
    [{ A: "from_eth0" }, {}, ask, "10.0.0.7", []],
    [{}, {}, text("from_br-1.2"), "10.1.0.1", []],
    [{}, {}, text('it\'s "x"\n$A from_eth0'), 'it\'s "x"\n$A from_eth0', []],
  ];
  test.each(order)("%j, %j, %j: %j", (caller, hostConf, value, found, warnings) => {
    const resolved = resolve({ A: value }, caller, hostConf);
    expect(resolved).toEqual({ values: { A: found }, missing: [], warnings, errors: [] });
  });

  test.each(["HOME", "PATH", "LANG", "LC_ALL", "USER", "HOSTNAME"])(
    "the caller's %s is taken only where variable() asks for it",
    (name) => {
      const caller = { [name]: "caller" };
      expect(resolve({ [name]: overridable(name, "conf") }, caller).values[name]).toBe("conf");
      expect(resolve({ [name]: ask }, caller).missing.map((one) => one.name)).toEqual([name]);
      const asked: EnvValue = { kind: "variable", name, text: "default" };
      expect(resolve({ X: asked }, caller).values["X"]).toBe("caller");
    },
  );

  test("only what is asked for is looked up, and the two addresses", () => {
    const caller = { PATH: "/bin", SERVICE_IP: "10.0.0.1" };
    expect(resolve({}, caller, { DNS_SERVICE_IP: "10.0.0.2", X: "y" }).values).toEqual({
      SERVICE_IP: "10.0.0.1",
      DNS_SERVICE_IP: "10.0.0.2",
    });
  });

  test("everything that is missing is listed, once each, with all who want it", () => {
    const secret: EnvValue = { kind: "required", secret: true, description: "d" };
    const { missing, values } = resolve({ A: ask, B: secret, C: text("c"), constructor: ask });
    expect(values).toEqual({ C: "c" });
    expect(missing.map(({ name }) => name)).toEqual(["A", "B", "constructor"]);
    const [web, db] = [
      { service: "web", at: { file: "reyns.ts", line: 1 } },
      { service: "db", at: { file: "reyns.ts", line: 2 } },
    ];
    const both = [
      ...missing.map((one) => ({ ...one, ...web })),
      ...missing.map((one) => ({ ...one, ...db, hosts: ["db-one"], secret: true })),
    ];
    const first = { ...web, secret: true, hosts: ["web-one", "db-one"] };
    expect(mergeMissing(both)).toEqual([
      { ...first, name: "A", description: undefined },
      { ...first, name: "B", description: "d" },
      { ...first, name: "constructor", description: undefined },
    ]);
  });

  test.each(["from_eth1", "from_constructor"])("%s: the interfaces that there are", (value) => {
    const { errors, values } = resolve({ A: text(value), B: text("b") });
    expect(values).toEqual({ B: "b" });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toBe(
      `A is "${value}", but this host has no interface "${value.slice(5)}" with an IPv4 address`,
    );
    expect(errors[0]?.hint).toEndWith(
      "there are: eth0 (10.0.0.7), br-1.2 (10.1.0.1); or set A=ADDRESS",
    );
  });
});

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, rm, stat } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { detailsOf, publishedBy, variablesOf } from "./support/containers.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

const port = 28_481;

const awkward = { QUOTES: `it's "so" \`x\``, DOLLAR: "$HOME \\ #1, // not a comment", EMPTY: "" };

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "services/app/Dockerfile": `FROM reyns/reyns-base\n# reyns: expose 80 as ${port}\nCOPY prestartup_app.sh /prestartup/\n`,
    "services/app/prestartup_app.sh": '#!/bin/bash\nprintf %s "$FROM_CONF$WITH_STANDARD" > /seen\n',
    "services/app/required_env_vars.json": `{
  // what every instance needs
  "WITH_STANDARD": "standard", # unless it is given
  "NEEDED": null,
}`,
    "default.conf": `[
      { "service": "app", "instance": "one",
        "env_vars": { "FROM_CONF": "conf", "HERE": "from_lo", ${JSON.stringify(awkward).slice(1, -1)} } },
      { "service": "app", "instance": "two", "env_vars": { "FROM_CONF": "conf", "ASKED": null } },
    ]`,
  });
  await shop.must("build all");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

const hostConf = (): string => join(shop.folder, "host.conf");

const variables = async (instance: string): Promise<Record<string, string>> =>
  variablesOf(await detailsOf(shop.folder, instance));

/** Runs an instance, looks at its variables, takes it away. */
async function valuesWith(
  env: Record<string, string>,
  instance = "one",
): Promise<{ values: Record<string, string>; said: string }> {
  const { status, stderr } = await shop.reyns(`run app ${instance}`, { env });
  if (status !== 0) throw new Error(stderr);
  const values = await variables(instance);
  await shop.must(`clean app ${instance}`);
  return { values, said: stderr };
}

describe("where a value comes from", () => {
  test("a variable comes from the caller, else host.conf, the conf, required_env_vars.json, and overriding warns", async () => {
    const first = await valuesWith({ NEEDED: "called" });
    expect(first.values).toMatchObject({
      FROM_CONF: "conf",
      NEEDED: "called",
      WITH_STANDARD: "standard",
      HERE: "127.0.0.1",
      ...awkward,
    });
    expect(first.said).not.toContain("warning");

    await shop.write({ "host.conf": '{ "FROM_CONF": "host", "NEEDED": "host", "MORE": [1, 2] }' });
    const second = await valuesWith({ NEEDED: "called" });
    expect(second.values).toMatchObject({ FROM_CONF: "host", NEEDED: "called" });
    expect(second.values).not.toHaveProperty("MORE");
    expect(second.said).toMatch(/warning FROM_CONF\b.*host\.conf/);

    const third = await valuesWith({ FROM_CONF: "called", WITH_STANDARD: "called", OTHER: "x" });
    expect(third.values).toMatchObject({
      FROM_CONF: "called",
      NEEDED: "host",
      WITH_STANDARD: "called",
    });
    expect(third.values).not.toHaveProperty("OTHER");
    expect(third.said).toMatch(/warning FROM_CONF\b.*environment/);
    await rm(hostConf());
  });

  test("scripts and logins have the variables, also awkward ones", async () => {
    await shop.must("run app one", { env: { NEEDED: "x" } });
    expect(await execIn(shop.folder, "one", "cat", "/seen")).toBe("confstandard");
    const script = 'printf "%s|" "$QUOTES" "$DOLLAR" "$EMPTY"';
    const said = await shop.must(["ssh", "app", "one", `command=${script}`]);
    expect(said).toBe(`${Object.values(awkward).join("|")}|`);
    await shop.must("clean app one");
  });
});

describe("a variable without a value", () => {
  test("is named with all others and their instances without a terminal, and nothing starts", async () => {
    const { status, stderr } = await shop.reyns("run all");
    expect(status).toBe(2);
    expect(stderr).toContain("error missing value: NEEDED, required by app-one, app-two");
    expect(stderr).toContain("error missing value: ASKED, required by app-two");
    expect(await containerIds(shop.folder)).toEqual([]);
  });

  test("is asked for on a terminal, and saved in host.conf beside other values", async () => {
    await shop.write({ "host.conf": '{ "NEEDED": "x", "mine": { "deep": [1] } }' });
    await using terminal = await openTerminal({ folder: shop.folder });
    await terminal.type("reyns run app two");
    await terminal.see("ASKED, for app-two");
    await terminal.type("an answer");
    await terminal.see("Keep these answers");
    await terminal.press("Enter");
    await terminal.see(/app +two[^]*\n\[0\]\$$/);
    expect((await variables("two"))["ASKED"]).toBe("an answer");
    const { mode } = await stat(hostConf());
    expect((mode & 0o777).toString(8)).toBe("600");
    expect(JSON.parse(await readFile(hostConf(), "utf8"))).toMatchObject({
      NEEDED: "x",
      mine: { deep: [1] },
      ASKED: "an answer",
    });
    await shop.must("rerun app two");
    expect((await variables("two"))["ASKED"]).toBe("an answer");
    await shop.must("clean app two");
    await rm(hostConf());
  });
});

describe("from_INTERFACE", () => {
  // The Engine's own bridges count only while something is connected to them; other tests make and remove theirs.
  const isSteady = ([name]: readonly [string, unknown]): boolean =>
    !/^(docker|br-|veth|reyns-)/.test(name);
  const others = Object.entries(networkInterfaces())
    .filter(isSteady)
    .flatMap(([name, all]) =>
      (all ?? []).flatMap((one) => (one.family === "IPv4" ? [[name, one.address] as const] : [])),
    );

  test("is the interface's address, in any variable from any source", async () => {
    for (const [name, address] of others.slice(0, 3)) {
      const { values } = await valuesWith({ NEEDED: `from_${name}`, FROM_CONF: "from the start" });
      expect([name, values["NEEDED"]]).toEqual([name, address]);
      expect(values["FROM_CONF"]).toBe("from the start");
    }
  });

  test("lists the interfaces when one does not exist", async () => {
    const { status, stderr } = await shop.reyns("run app one", { env: { NEEDED: "from_eth9" } });
    expect(status).toBe(2);
    expect(stderr).toContain('no interface "eth9"');
    expect(stderr).toContain("lo (127.0.0.1)");
  });
});

test("run publishes ports on PUBLISH_ON_IP, else on SERVICE_IP, else on every address", async () => {
  const rows: [Record<string, string>, string][] = [
    [{}, ""],
    [{ SERVICE_IP: "127.0.0.1" }, "127.0.0.1"],
    [{ SERVICE_IP: "192.0.2.200", PUBLISH_ON_IP: "127.0.0.2" }, "127.0.0.2"],
  ];
  for (const [env, ip] of rows) {
    await shop.must("run app one publish_ports=True", { env: { NEEDED: "x", ...env } });
    const details = await detailsOf(shop.folder, "one");
    expect(publishedBy(details)).toEqual([`${ip}:${port}->80/tcp`]);
    expect(variablesOf(details)["SERVICE_IP"]).toBe(env["SERVICE_IP"] as string);
    await shop.must("clean app one");
  }
});

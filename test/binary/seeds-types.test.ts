import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { hostname } from "node:os";
import {
  detailsOf,
  mountedIn,
  publishedBy,
  variablesOf,
  type Details,
} from "./support/containers.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

const port = 28_461;

let shop: Project;

beforeAll(async () => {
  const links = ["app-target:friend"];
  const types = ["standard", "published", "persistent", "master", "debug"];
  shop = await createProject({
    "services/app/Dockerfile": `FROM reyns/reyns-base
# reyns: expose 80 as ${port}
COPY prestartup_app.sh /prestartup/
`,
    "services/app/prestartup_app.sh": "#!/bin/bash\ntouch /script-has-run\n",
    "default.conf": JSON.stringify([
      { service: "app", instance: "target" },
      ...types.map((instance) => ({ service: "app", instance, links })),
      { service: "app", instance: "one", links, instance_type: "published", persistent_log: true },
    ]),
  });
  await shop.must("run app target persistent_data=True yes=True");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

/** What the table of instance types is about, as it is in the container. */
interface Seen {
  readonly linked: boolean;
  readonly ports: readonly string[];
  readonly kept: readonly string[];
  readonly script: boolean;
}

async function seen(instance: string): Promise<Seen> {
  const details = await detailsOf(shop.folder, instance);
  const ls = await execIn(shop.folder, instance, "sh", "-c", "ls /script-has-run || true");
  return {
    linked: (details.HostConfig.ExtraHosts ?? []).some((host) => host.startsWith("friend:")),
    ports: publishedBy(details),
    kept: mountedIn(details),
    script: ls !== "",
  };
}

function fixedVariables(details: Details): Record<string, string | undefined> {
  const all = variablesOf(details);
  const names = ["DATA", "LOG", "OPT", "HOME"].map((name) => `PERSISTENT_${name}`);
  return Object.fromEntries(
    ["SERVICE", "INSTANCE", "INSTANCE_TYPE", "SAFEMODE", "HOST_HOSTNAME", ...names].map((name) => [
      name,
      all[name],
    ]),
  );
}

afterEach(async () => {
  const { stdout } = await shop.reyns("ps all --json");
  const instances = JSON.parse(stdout) as { instance: string }[];
  for (const { instance } of instances.filter((one) => one.instance !== "target"))
    await shop.must(`clean app ${instance}`);
});

describe("the instance's name selects its type", () => {
  const nothing = { linked: true, ports: [], kept: [], script: true };
  const rows: [string, Seen, Record<string, string>][] = [
    ["standard", nothing, {}],
    ["published", { ...nothing, ports: [`:${port}->80/tcp`] }, {}],
    [
      "persistent",
      { ...nothing, kept: ["/data", "/home", "/var/log"] },
      { PERSISTENT_DATA: "True", PERSISTENT_LOG: "True", PERSISTENT_HOME: "True" },
    ],
    [
      "master",
      { ...nothing, ports: [`127.0.0.1:${port}->80/tcp`], kept: ["/data", "/var/log"] },
      { PERSISTENT_DATA: "True", PERSISTENT_LOG: "True" },
    ],
  ];

  for (const [type, expected, variables] of rows) {
    test(`the type ${type} sets links, ports, persistent folders, scripts and the fixed variables`, async () => {
      const env: Record<string, string> = type === "master" ? { SERVICE_IP: "127.0.0.1" } : {};
      await shop.must(`run:app,instance=${type}`, { env });
      expect(await seen(type)).toEqual(expected);
      expect(fixedVariables(await detailsOf(shop.folder, type))).toEqual({
        SERVICE: "app",
        INSTANCE: type,
        INSTANCE_TYPE: type,
        SAFEMODE: "False",
        HOST_HOSTNAME: hostname(),
        PERSISTENT_DATA: "False",
        PERSISTENT_LOG: "False",
        PERSISTENT_OPT: "False",
        PERSISTENT_HOME: "False",
        ...variables,
      });
    });
  }

  test("the type debug gives a shell in the terminal, without links, ports and scripts", async () => {
    await using terminal = await openTerminal({ folder: shop.folder });
    await terminal.type("reyns run:app,instance=debug");
    await terminal.see("root@app-debug:/#");
    expect(await seen("debug")).toEqual({ linked: false, ports: [], kept: [], script: false });
    expect(fixedVariables(await detailsOf(shop.folder, "debug"))).toMatchObject({
      INSTANCE_TYPE: "debug",
      SAFEMODE: "True",
    });
    await terminal.type("exit");
    await terminal.see(/\n\[0\]\$$/);
    expect(await containerIds(shop.folder, "debug")).toEqual([]);
  });
});

test("the type and each property come from the call, else the conf, else the name", async () => {
  await shop.must("run app one");
  const logged = { linked: true, ports: [`:${port}->80/tcp`], kept: ["/var/log"], script: true };
  expect(await seen("one")).toEqual(logged);
  await shop.must("clean app one");

  const call = "run:app,instance=one,instance_type=persistent,persistent_data=False,linked=False";
  await shop.must(call);
  expect(await seen("one")).toEqual({
    linked: false,
    ports: [],
    kept: ["/home", "/var/log"],
    script: true,
  });
  expect(variablesOf(await detailsOf(shop.folder, "one"))["INSTANCE_TYPE"]).toBe("persistent");

  await shop.must("run:app,instance=master,instance_type=standard");
  expect(await seen("master")).toEqual({ linked: true, ports: [], kept: [], script: true });
});

test("run names an instance with eight random characters when it has no name", async () => {
  const [one] = (await shop.json("run:app")) as { instance: string; instanceType: string }[];
  expect(one).toMatchObject({
    instance: expect.stringMatching(/^[a-z0-9]{8}$/),
    instanceType: "standard",
  });
});

test("run requires SERVICE_IP for a master and a published DNS", async () => {
  const calls = [
    ["run app master", "app-master"],
    ["run reyns-dns one instance_type=published", "reyns-dns-one"],
    ["run reyns-dns one publish_ports=True", "reyns-dns-one"],
  ];
  for (const [call = "", host = ""] of calls) {
    const { status, stderr } = await shop.reyns(call);
    expect([call, status]).toEqual([call, 2]);
    expect(stderr).toMatch(new RegExp(`^error missing value: SERVICE_IP.* required by ${host}\n`));
  }
  const { stderr } = await shop.reyns("run app master", { env: { SERVICE_IP: "from_lo" } });
  expect(stderr).toContain("app-master ready");
  expect(variablesOf(await detailsOf(shop.folder, "master"))["SERVICE_IP"]).toBe("127.0.0.1");
});

import { describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { defaultDnsSettings } from "../../src/model/dns-settings.ts";
import { labels } from "../../src/model/labels.ts";
import { scopeOf } from "../../src/model/resource-names.ts";
import type { ObservedImage } from "../../src/model/observed.ts";
import type { Step } from "../../src/model/steps.ts";
import type { EnvValue, LinkDefinition, Project } from "../../src/model/project.ts";
import { formatPlan } from "../../src/plan/format-plan.ts";
import {
  addressOf,
  build,
  observed,
  plan,
  projectOf,
  started,
  startOf,
  startsOf,
} from "./support/planning.ts";
import { copiedProject, thrownBy } from "./support/project-folder.ts";

const text = (value: string): EnvValue => ({ kind: "text", text: value });
const ask: EnvValue = { kind: "required", secret: false, description: undefined };
const any = (name: string, service: string): LinkDefinition => ({
  name,
  target: { service, instance: null },
});
const host = (name: string, pattern: string): LinkDefinition => ({
  name,
  target: { host: pattern },
});
const orderOf = (steps: readonly Step[]): Record<string, readonly string[]> =>
  Object.fromEntries(steps.map(({ id, after }) => [id, after]));

describe("the demo", () => {
  test("is the same from reyns.ts and from default.conf", async () => {
    await using project = await copiedProject("demo", "reyns-demo");
    // The default policy is the only difference: in a reyns.ts, all instances of a service answer for its name.
    const sources = { caller: { DNS_UPDATE_POLICY: "REPLACE" }, hostConf: {}, interfaces: {} };
    const script = plan(await project.read(), { sources });
    await rm(join(project.folder, "reyns.ts"));
    const conf = await project.read();
    expect(plan(conf, { sources, parallel: true })).toEqual(script);
    expect(startsOf(plan(conf, { sources }).steps).map(({ spec }) => spec)).toEqual(
      startsOf(script.steps).map(({ spec }) => spec),
    );
    expect(orderOf(script.steps)).toEqual({
      "start reyns-dns-main": [],
      "start demo-one": ["start reyns-dns-main"],
      "start demo-two": ["start reyns-dns-main"],
    });
    expect(orderOf(plan(conf).steps)).toEqual({
      "start reyns-dns-main": [],
      "start demo-one": ["start reyns-dns-main"],
      "start demo-two": ["start demo-one"],
    });
  });

  test("on several nodes: a group on each, from reyns.ts and from the conf", async () => {
    await using project = await copiedProject("demo", "reyns-demo");
    const sources = {
      caller: { DNS_SERVICE_IP: "192.168.1.1", DNS_UPDATE_POLICY: "REPLACE" },
      hostConf: {},
      interfaces: { eth0: "192.168.1.2" },
    };
    const groups = async () => {
      const read = await project.read("default-multinode");
      return ["master", "node1", "node2"].map((group) =>
        startsOf(plan(read, { group, sources, parallel: true }).steps),
      );
    };
    const script = await groups();
    await rm(join(project.folder, "reyns.ts"));
    expect(await groups()).toEqual(script);
    const [master, node1, node2] = script.map((steps) => steps.map((step) => step.host));
    expect([master, node1, node2]).toEqual([
      ["reyns-dns-main"],
      ["demo-onenode1"],
      ["demo-onenode2"],
    ]);
    const [dns] = script[0] ?? [];
    expect(dns?.spec.ports).toEqual([
      { container: 53, host: 53, protocol: "udp", ip: "192.168.1.2" },
      { container: 53, host: 53, protocol: "tcp", ip: "192.168.1.2" },
    ]);
    const [demo] = script[1] ?? [];
    expect(demo?.spec).toMatchObject({
      dns: {
        servers: ["192.168.1.1"],
        search: ["local.zone"],
        options: ["ndots:1", "timeout:1", "attempts:2"],
      },
      env: { SERVICE_IP: "192.168.1.2", DNS_SERVICE_IP: "192.168.1.1" },
      labels: { [labels.group]: "node1" },
    });
    expect(demo?.register).toEqual({
      server: "192.168.1.1",
      ...defaultDnsSettings,
      address: "192.168.1.2",
      policy: "REPLACE",
      service: "demo",
      instance: "onenode1",
    });
  });

  test("of several nodes on one machine: the DNS is known by its SERVICE_IP, and waited for", async () => {
    await using project = await copiedProject("demo", "reyns-demo");
    const sources = { caller: {}, hostConf: {}, interfaces: { eth0: "192.168.1.2" } };
    const read = await project.read("default-multinode");
    const orderWith = (server: string) =>
      orderOf(plan(read, { sources: { ...sources, caller: { DNS_SERVICE_IP: server } } }).steps);
    expect(orderWith("192.168.1.2")).toMatchObject({
      "start demo-onenode2": ["start reyns-dns-main"],
    });
    expect(orderWith("192.168.1.1")).toMatchObject({ "start demo-onenode2": [] });
  });
});

test("a start is described completely", () => {
  const project = projectOf(
    [
      { service: "reyns-dns", instance: "main" },
      {
        service: "web",
        instance: "master",
        env: {
          A: text('it\'s "x"\n'),
          SERVICE_IP: text("from_eth0"),
          DNS_UPDATE_POLICY: text("APPEND"),
        },
        links: [any("MYAPP", "app")],
        volumes: ["data:/v", "$PROJECT_DIR/a:/a:ro", "./b:/b", "c/d:/d:rw", "/e:/e"],
        ports: [{ container: 1, host: 2, protocol: "udp" }],
        command: ["a", "b"],
        hostname: "h",
        group: "g",
      },
      { service: "app" },
    ],
    {
      services: [
        { name: "app", prestartup: "prestartup_app.sh" },
        {
          name: "web",
          parents: ["shop/app"],
          prestartup: "prestartup_web.sh",
          ports: [{ container: 80, host: 8080, protocol: "tcp" }],
          privileged: true,
          requiredVariables: { R: text("r") },
        },
      ],
    },
  );
  const sources = { caller: {}, hostConf: { H: "h" }, interfaces: { eth0: "192.168.1.2" } };
  const { steps } = plan(project, { sources });
  const [dns, web, app] = startsOf(steps);
  const scope = scopeOf(project);
  const registered = {
    server: addressOf(dns),
    address: "192.168.1.2",
    policy: "APPEND",
    ...defaultDnsSettings,
  };
  const { [labels.definition]: definition, ...named } = web?.spec.labels ?? {};
  expect(named).toEqual({
    [labels.after]: "app-one,reyns-dns-main",
    [labels.project]: "shop",
    [labels.folder]: project.folder,
    [labels.service]: "web",
    [labels.instance]: "master",
    [labels.instanceType]: "master",
    [labels.image]: "shop/web",
    [labels.conf]: "default",
    [labels.group]: "g",
    [labels.registration]: JSON.stringify(registered),
  });
  expect(JSON.parse(definition ?? "")).toMatchObject({
    image: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
  });
  const folder = (name: string): string => join(project.dataFolder, "web-master", name);
  const bind = (source: string, target: string, readOnly = false) => ({
    type: "bind" as const,
    source,
    target,
    readOnly,
  });
  expect({ ...web, spec: { ...web?.spec, runtime: undefined } } as object).toEqual({
    kind: "start-instance",
    id: "start web-master",
    after: ["start app-one", "start reyns-dns-main"],
    title: "web-master",
    reason: "not there yet",
    host: "web-master",
    replaces: undefined,
    ready: { kind: "entrypoint" },
    timeout: 60,
    versions: 5,
    sleep: 0,
    register: { ...registered, policy: "APPEND", service: "web", instance: "master" },
    address: addressOf(web),
    folders: [folder("data"), folder("log"), `${project.folder}/b`, `${project.folder}/c/d`],
    files: {},
    temporaryVolume: undefined,
    interactive: false,
    sshNames: ["web-master", "web-master.local.zone", "web", "web.local.zone", "h"],
    persistent: [
      { hostPath: folder("data"), path: "/data" },
      { hostPath: folder("log"), path: "/var/log" },
    ],
    spec: {
      name: `${scope}-web-master`,
      image: "shop/web",
      hostname: "h",
      env: {
        A: 'it\'s "x"\n',
        R: "r",
        SERVICE_IP: "192.168.1.2",
        DNS_SERVICE_IP: addressOf(dns),
        DNS_UPDATE_POLICY: "APPEND",
        MYAPP_SERVICE_IP: addressOf(app),
        SERVICE: "web",
        INSTANCE: "master",
        INSTANCE_TYPE: "master",
        PERSISTENT_DATA: "True",
        PERSISTENT_LOG: "True",
        PERSISTENT_OPT: "False",
        PERSISTENT_HOME: "False",
        SAFEMODE: "False",
        HOST_HOSTNAME: "laptop",
        PROJECT: "shop",
        DNS_ZONE: "local.zone",
        REYNS_PRESTARTUP: "prestartup_app.sh prestartup_web.sh",
      },
      command: ["a", "b"],
      session: undefined,
      network: { name: scope, address: addressOf(web), aliases: [], isOwn: true },
      dns: {
        servers: [addressOf(dns)],
        search: ["local.zone"],
        options: ["ndots:1", "timeout:1", "attempts:2"],
      },
      extraHosts: [{ name: "myapp", address: addressOf(app) }],
      mounts: [
        ...["id_ed25519", "id_ed25519.pub", "known_hosts", "tsig.key"].map((name) =>
          bind(`${project.folder}/.reyns/keys/${name}`, `/etc/reyns/keys/${name}`, true),
        ),
        bind(folder("data"), "/data"),
        bind(folder("log"), "/var/log"),
        { type: "volume", source: `${scope}-data`, target: "/v", readOnly: false },
        bind(`${project.folder}/a`, "/a", true),
        bind(`${project.folder}/b`, "/b"),
        bind(`${project.folder}/c/d`, "/d"),
        bind("/e", "/e"),
      ],
      ports: [
        { container: 80, host: 8080, protocol: "tcp", ip: "192.168.1.2" },
        { container: 1, host: 2, protocol: "udp", ip: "192.168.1.2" },
      ],
      privileged: true,
      secrets: {},
      runtime: undefined,
      labels: { ...named, [labels.definition]: definition ?? "" },
    },
  });
});

describe("links", () => {
  const apps = ["a", "b"].map((instance) => ({ service: "app", instance }));
  const cases: [LinkDefinition, Record<string, string>, string | undefined, boolean][] = [
    [
      { name: "X", target: { service: "app", instance: "b" } },
      { X_SERVICE_IP: "app-b" },
      "app-b",
      false,
    ],
    [any("MY-APP", "app"), { MY_APP_SERVICE_IP: "app-a" }, "app-a", true],
    [host("db", "app-b"), { DB_SERVICE_IP: "app-b" }, "app-b", false],
    [host("db", "app-*"), { DB_SERVICE_IP: "app-a" }, "app-a", true],
    [host("x", "*b"), { X_SERVICE_IP: "app-b" }, "app-b", false],
    [any("x", "nowhere"), {}, undefined, false],
  ];
  test.each(cases)("%j", (link, variables, target, warns) => {
    const project = projectOf([{ service: "web", links: [link] }, ...apps]);
    const { steps, missing, warnings } = plan(project);
    const web = startOf(steps, "web-one");
    const addressAt = (name: string): string => addressOf(startOf(steps, name));
    for (const [name, leads] of Object.entries(variables))
      expect(web.spec.env[name]).toBe(addressAt(leads));
    expect(web.after).toEqual(
      target === undefined
        ? []
        : ["start app-a", "start app-b"].filter((id) => warns || id.endsWith(target)).slice(0, 1),
    );
    expect(web.spec.extraHosts).toEqual(
      target === undefined ? [] : [{ name: link.name.toLowerCase(), address: addressAt(target) }],
    );
    expect(warnings).toHaveLength(warns ? 1 : 0);
    expect(missing.map(({ name, hosts }) => [name, hosts])).toEqual(
      target === undefined ? [["X_SERVICE_IP", ["web-one"]]] : [],
    );
  });

  test("of several the first, and it says which", () => {
    const project = projectOf([{ service: "web", links: [any("x", "app")] }, ...apps]);
    expect(plan(project).warnings).toEqual([
      "web-one: the link x leads to app-a; app is also app-b",
    ]);
  });

  test("a value given for a target that is not there is as good", () => {
    const project = projectOf([{ service: "web", links: [any("x", "nowhere")] }]);
    const sources = { caller: { X_SERVICE_IP: "9.9.9.9" }, hostConf: {}, interfaces: {} };
    const { missing, steps } = plan(project, { sources });
    expect(missing).toEqual([]);
    expect(startOf(steps, "web-one").spec).toMatchObject({
      env: { X_SERVICE_IP: "9.9.9.9" },
      extraHosts: [{ name: "x", address: "9.9.9.9" }],
    });
  });

  test("to what runs already, not to what is stopped, nor to itself", () => {
    const project = projectOf([{ service: "web", links: [any("x", "app"), any("y", "web")] }]);
    const [app] = startsOf(plan(projectOf([{ service: "app" }])).steps);
    if (!app) throw new Error("no step");
    const withApp = (state: string) =>
      plan(project, {
        observed: observed({ instances: [started(app, { state })], images: ["shop/web"] }),
      });
    const names = (state: string) => withApp(state).missing.map(({ name }) => name);
    expect(names("running")).toEqual(["Y_SERVICE_IP"]);
    expect(names("exited")).toEqual(["X_SERVICE_IP", "Y_SERVICE_IP"]);
    expect(startOf(withApp("running").steps, "web-one").after).toEqual([]);
  });

  test("linked=False turns them off, and the DNS with them", () => {
    const project = projectOf([
      { service: "reyns-dns", instance: "main" },
      { service: "web", links: [any("x", "nowhere")] },
    ]);
    const { missing, steps } = plan(project, { properties: { linked: false } });
    expect(missing).toEqual([]);
    expect(startOf(steps, "web-one")).toMatchObject({
      after: [],
      register: undefined,
      spec: { dns: undefined },
    });
  });
});

describe("SERVICE_IP", () => {
  const cases: [string, string, string[]][] = [
    ["reyns-dns", "main", []],
    ["reyns-dns", "published", ["SERVICE_IP"]],
    ["reyns-dns", "master", ["SERVICE_IP"]],
    ["web", "published", []],
    ["web", "master", ["SERVICE_IP"]],
  ];
  test.each(cases)("%s %s misses %j", (service, instance, names) => {
    const { missing } = plan(projectOf([{ service, instance }]));
    expect(missing.map(({ name }) => name)).toEqual(names);
  });

  const wrong: [Record<string, string>, string][] = [
    [{ SERVICE_IP: "here" }, 'web-one: SERVICE_IP is "here"'],
    [{ SERVICE_IP: "" }, 'web-one: SERVICE_IP is ""'],
    [{ DNS_SERVICE_IP: "::1" }, 'web-one: DNS_SERVICE_IP is "::1"'],
    [{ PUBLISH_ON_IP: "1.2.3" }, 'web-one: PUBLISH_ON_IP is "1.2.3"'],
    [{ DNS_UPDATE_POLICY: "append" }, 'web-one: DNS_UPDATE_POLICY is "append"'],
  ];
  test.each(wrong)("%j is refused", (env, message) => {
    const values = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, text(value)]),
    );
    const errors = thrownBy(() => plan(projectOf([{ service: "web", env: values }])));
    expect(errors.map((error) => [error.code, error.message])).toEqual([
      ["INVALID_VALUE", message],
    ]);
  });
});

test("everything that is missing is listed with all who want it", () => {
  const project = projectOf(
    ["one", "two"].map((instance) => ({ service: "web", instance, env: { A: ask, B: ask } })),
    {
      services: [{ name: "web", requiredVariables: { B: text("b"), C: ask, D: text("d") } }],
    },
  );
  const { missing } = plan(project);
  expect(missing.map(({ name, hosts }) => [name, hosts])).toEqual(
    ["B", "C", "A"].map((name) => [name, ["web-one", "web-two"]]),
  );
});

describe("which instances", () => {
  const project = projectOf(
    [
      { service: "web", instance: "one", group: "g", env: { A: text("a") } },
      { service: "web", instance: "two", autorun: false },
      { service: "app", instance: undefined, env: { B: text("b") } },
      { service: "db", instance: "one", image: "postgres:17" },
    ],
    { services: [{ name: "web" }, { name: "app" }, { name: "extra" }] },
  );
  const random = expect.stringMatching(/^[a-z]+-[a-z][a-z0-9]{7}$/) as string;
  const cases: [Parameters<typeof plan>[1], string[]][] = [
    [{}, ["web-one", random, "db-one"]],
    [{ group: "g" }, ["web-one"]],
    [{ service: "web", instance: "two" }, ["web-two"]],
    [{ service: "web" }, ["web-one", "web-two"]],
    [{ service: "web", instance: "three", isNew: true }, ["web-three"]],
    [{ service: "web", isNew: true }, [random]],
    [{ service: "web*" }, ["web-one", "web-two"]],
    [{ service: "*", instance: "o*" }, ["web-one", "db-one"]],
    [{ service: "extra" }, [random]],
    [{ service: "reyns-base" }, [expect.stringMatching(/^reyns-base-/) as string]],
  ];
  test.each(cases)("%j", (wish, hosts) => expect(plan(project, wish).starts).toEqual(hosts));

  test("what the conf says holds, also of an instance without a name", () => {
    const [app] = startsOf(plan(project, { service: "app" }).steps);
    expect(app?.spec.env["B"]).toBe("b");
    const [db] = startsOf(plan(project, { service: "db", instance: "new", isNew: true }).steps);
    expect(db?.spec.image).toBe("postgres:17");
  });

  test("a new instance has the definition of its group", () => {
    const spread = projectOf([
      { service: "web", instance: "one", group: "a", env: { A: text("a") } },
      { service: "web", instance: "two", group: "b", env: { A: text("b") } },
    ]);
    const wish = { service: "web", instance: "new", isNew: true };
    const valuesOf = (group?: string): unknown[] =>
      startsOf(plan(spread, { ...wish, group }).steps).map(({ spec }) => spec.env["A"]);
    expect([valuesOf("b"), valuesOf("a"), valuesOf()]).toEqual([["b"], ["a"], ["a"]]);
  });

  const wrong: [Parameters<typeof plan>[1], string, string][] = [
    [
      { service: "web", instance: "three" },
      "UNKNOWN_INSTANCE",
      'no instance "three" of web is defined | accepted: one, two; for one more from the same definition: reyns run web three new=true',
    ],
    [{ service: "web", instance: "two", isNew: true }, "INVALID_VALUE", "web-two is defined"],
    [
      { service: "wob" },
      "UNKNOWN_SERVICE",
      'no service "wob" in project "shop" | did you mean "web"? accepted: web, app, db, extra, all',
    ],
    [{ service: "x*" }, "UNKNOWN_INSTANCE", 'nothing in the conf "default" matches "x*"'],
    [{ group: "h" }, "UNKNOWN_GROUP", 'the conf "default" has no group "h" | accepted: g'],
    [{ service: "web", instance: "A_b" }, "INVALID_VALUE", 'invalid instance name "A_b"'],
    [
      { service: "web", instance: "x".repeat(60) },
      "INVALID_VALUE",
      `host name "web-${"x".repeat(60)}" has 64`,
    ],
  ];
  test.each(wrong)("%j is refused", (wish, code, message) => {
    const [error] = thrownBy(() => plan(project, wish));
    expect(error?.code as string).toBe(code);
    expect(`${error?.message} | ${error?.hint}`).toStartWith(message);
  });

  test("nothing to run says so; a name that is too long with a random part is refused", () => {
    expect(thrownBy(() => plan(projectOf([])))[0]?.message).toBe(
      'the conf "default" has no instances to run',
    );
    const long = projectOf([{ service: "x".repeat(60), instance: undefined }]);
    expect(thrownBy(() => plan(long))[0]).toMatchObject({ code: "INVALID_VALUE" });
  });
});

describe("order", () => {
  const project = projectOf([
    {
      service: "web",
      instance: "one",
      after: [{ service: "db", instance: null }],
      links: [host("app", "app-*")],
    },
    { service: "db", instance: "one" },
    { service: "app", instance: "one" },
    { service: "app", instance: "two" },
  ]);
  test("a graph: what nothing links or orders starts at once", () => {
    expect(orderOf(plan(project).steps)).toEqual({
      "start web-one": ["start app-one", "start db-one"],
      "start db-one": [],
      "start app-one": [],
      "start app-two": [],
    });
  });

  test("a sequence: one after another, links only to those before", () => {
    const sequence = { ...project, conf: { ...project.conf, sequential: true } };
    const { steps, missing } = plan(sequence);
    expect(orderOf(steps)).toEqual({
      "start web-one": [],
      "start db-one": ["start web-one"],
      "start app-one": ["start db-one"],
      "start app-two": ["start app-one"],
    });
    expect(missing.map(({ name }) => name)).toEqual(["APP_SERVICE_IP"]);
    expect(plan(sequence, { parallel: true })).toEqual(plan(project));
  });

  test("a circle is refused, with its way", () => {
    const circle = projectOf([
      { service: "a", links: [any("b", "b")] },
      { service: "b", after: [{ service: "c", instance: "one" }] },
      { service: "c", links: [host("a", "a-*")] },
    ]);
    expect(thrownBy(() => plan(circle))[0]).toMatchObject({
      code: "INVALID_PROJECT",
      message: "instances wait for each other in a circle: a-one -> b-one -> c-one -> a-one",
      hint: [
        "a-one links to b-one (reyns.ts:1)",
        "b-one comes after c-one (reyns.ts:1)",
        "c-one links to a-one (reyns.ts:1)",
        "take out one of these",
      ].join("\n"),
    });
  });

  test("all images, then the network, then instances; each of them waits for what it needs only", () => {
    const images = projectOf([
      { service: "web" },
      ...["postgres", "redis:latest", "debian:bookworm-slim", "dockerops/dockerops-dns"].map(
        (image, index) => ({
          service: `x${index}`,
          image,
        }),
      ),
    ]);
    const bare = { ...observed(), subnet: undefined, images: new Map() };
    const { steps } = plan(images, { observed: bare });
    const order = orderOf(steps);
    const all = steps.filter(({ kind }) => kind.endsWith("image")).map(({ id }) => id);
    expect(order["network"]).toEqual(all);
    expect(order["keeper"]).toEqual([...all, "network"]);
    expect(order["build shop/web"]).toEqual(["build reyns/reyns-base"]);
    // What runs on the DNS's image is a DNS, and everybody's.
    expect(order["start web-one"]).toEqual(["start x3-one", ...all, "network"]);
    for (const kept of ["x0-one", "x1-one", "x2-one"])
      expect(order[`start ${kept}`]).toEqual(["start x3-one", ...all, "network", "keeper"]);
    expect(order["start x3-one"]).toEqual([...all, "network"]);
    expect(order["tag dockerops/dockerops-dns"]).toEqual(["build reyns/reyns-dns"]);
    expect(steps.find(({ kind }) => kind === "create-network")).toMatchObject({
      name: scopeOf(images),
      labels: { [labels.project]: "shop", [labels.folder]: images.folder },
    });
  });

  test("an image that another folder built is built anew", () => {
    const project1 = projectOf([{ service: "web" }]);
    const theirs = observed({ images: ["shop/web"] });
    const folder = { "io.reyns.folder": "/elsewhere/shop" };
    const image = { id: "x", labels: folder };
    const { steps } = plan(project1, {
      observed: { ...theirs, images: new Map([...theirs.images, ["shop/web:latest", image]]) },
    });
    expect(steps.map(({ id }) => id)).toEqual(["build shop/web", "start web-one"]);
  });
});

describe("run again", () => {
  const definition = { service: "web", env: { A: text("a") } };
  const project = projectOf([definition, { service: "web", instance: "two" }]);
  const first = plan(project);
  const running = startsOf(first.steps).map((step) => started(step));
  const there = (instances = running) => observed({ instances, images: ["shop/web"] });

  test("changes nothing where all runs", () => {
    expect(plan(project, { observed: there() })).toMatchObject({
      steps: [],
      starts: [],
      unchanged: [
        { host: "web-one", changes: [] },
        { host: "web-two", changes: [] },
      ],
    });
  });

  test("after a run that was cut short, what it left is waited for, a DNS as well", () => {
    const both = projectOf([{ service: "reyns-dns", instance: "main" }, { service: "web" }]);
    const dns = startOf(plan(both).steps, "reyns-dns-main");
    const left = there([started(dns)]);
    const waits = (unfinished: boolean) =>
      plan(both, { observed: left, previousRunFailed: unfinished }).steps.flatMap((step) =>
        step.kind === "await-instance" ? [{ host: step.host, ready: step.ready.kind }] : [],
      );
    expect(waits(true)).toEqual([{ host: "reyns-dns-main", ready: "dns" }]);
    expect(waits(false)).toEqual([]);
    const { steps } = plan(both, { observed: left, previousRunFailed: true });
    expect(startOf(steps, "web-one").after).toContain("start reyns-dns-main");
  });

  test("restarts what wants to be restarted with an instance that is replaced", () => {
    const db = { service: "db", env: { A: text("a") } };
    const target = { service: "db", instance: null };
    const web = { service: "web", after: [target], restartAfter: [target] };
    const idle = { service: "idle", after: [target] };
    const instances = startsOf(plan(projectOf([db, web, idle])).steps).map((step) => started(step));
    const images = ["shop/db", "shop/web", "shop/idle"];
    const engine = observed({ instances, images });
    const changed = projectOf([{ ...db, env: { A: text("b") } }, web, idle]);
    expect(plan(changed, { observed: engine }).steps).toMatchObject([
      { kind: "start-instance", host: "db-one", reason: "changed: env A" },
      {
        kind: "restart-instance",
        host: "web-one",
        reason: "db-one is replaced",
        stopFirst: true,
        after: ["start db-one"],
      },
    ]);
    expect(plan(projectOf([db, web, idle]), { observed: engine }).steps).toEqual([]);
  });

  test("refuses a terminal for an instance that runs without it", () => {
    const wish = { service: "web", instance: "one", properties: { interactive: true } };
    const [error] = thrownBy(() => plan(project, { observed: there(), ...wish }));
    expect(error).toMatchObject({
      code: "NAME_TAKEN",
      message: "web-one runs already, without this terminal",
    });
    expect(plan(project, { ...wish }).starts).toEqual(["web-one"]);
  });

  test("says which parts have changed, and not the values", () => {
    const changed = projectOf([
      {
        ...definition,
        env: { A: text("b"), N: text("n") },
        volumes: ["d:/d"],
        command: ["x"],
        privileged: true,
        hostname: "h",
        ports: [{ container: 1, host: 1, protocol: "tcp" }],
      },
      { service: "web", instance: "two", image: "other" },
    ]);
    const reasonsOf = (other: Project, given = there()): string[] =>
      plan(other, { observed: given }).steps.map(({ reason }) => reason);
    expect(reasonsOf(changed)).toEqual([
      "not on this Engine",
      "changed: command, hostname, mounts, ports, privileged, env A, env N",
      expect.stringMatching(/^changed: image/) as string,
    ]);
    const rebuilt = running.map((instance) => ({ ...instance, imageId: "sha256:old" }));
    expect(reasonsOf(project, there(rebuilt))[0]).toBe("changed: image rebuilt");
    const onImage = (image: Partial<ObservedImage>): readonly string[] => {
      const given = { id: "sha256:new", labels: { [labels.assets]: "a" }, ...image };
      const engine = there();
      const images = new Map([...engine.images].map(([name]) => [name, given]));
      return reasonsOf(project, { ...engine, images });
    };
    const own = { [labels.assets]: "a", [labels.folder]: running[0]?.origin ?? "" };
    expect(onImage({ labels: own })[0]).toBe("changed: image rebuilt");
    expect(onImage({ labels: own, sameAs: running.map(({ imageId }) => imageId) })).toEqual([]);
    expect(onImage({})).toEqual([]);
    const brought = { [labels.folder]: "/ci/shop" };
    expect(onImage({ labels: brought, isImported: true })[0]).toBe("changed: image rebuilt");
    const older = running.map((instance) => ({ ...instance, hasOldKeys: true }));
    expect(reasonsOf(project, there(older))[0]).toBe("changed: keys");
    const kept = plan(changed, { observed: there(), keep: true });
    expect(kept.steps).toEqual([]);
    expect(kept.unchanged[0]?.changes).toContain("env A");
  });

  test("a stopped container starts again, a half-made one is replaced at its address", () => {
    const [one, two] = running;
    if (!one || !two) throw new Error("nothing runs");
    const stepsWith = (state: string): readonly Step[] =>
      plan(project, { observed: there([{ ...one, state }, two]) }).steps;
    expect(stepsWith("exited")).toMatchObject([
      { kind: "restart-instance", id: "start web-one", containerId: one.id, reason: "exited" },
    ]);
    for (const state of ["created", "dead"]) {
      const steps = stepsWith(state);
      expect(steps.map(({ id }) => id)).toEqual(["start web-one"]);
      expect(startOf(steps, "web-one")).toMatchObject({ removes: one.id, predecessor: undefined });
      expect(addressOf(startOf(steps, "web-one"))).toBe(one.address as string);
    }
  });

  test("rerun replaces one instance of a service after the other, after the builds", () => {
    const bare = { ...there(), images: observed().images };
    const { steps } = plan(project, { observed: bare, recreate: true });
    expect(formatPlan(steps)).toMatchInlineSnapshot(`
      "build shop/web not built yet
      start web-one  rerun  (after shop/web)
      start web-two  rerun  (after shop/web, web-one)"
    `);
    expect(startsOf(steps).map(addressOf)).toEqual(running.map(({ address }) => address ?? ""));
    expect(startsOf(steps).map(({ predecessor }) => predecessor)).toEqual(
      running.map(({ id }) => id),
    );
  });

  test("nobody gets the address of another, stopped or not", () => {
    const [one] = running;
    if (!one) throw new Error("nothing runs");
    const [wanted] = startsOf(
      plan(project, { service: "web", instance: "new", isNew: true }).steps,
    );
    const squatter = {
      ...one,
      host: "other-x",
      address: addressOf(wanted),
      state: "exited",
    };
    const { steps } = plan(project, {
      service: "web",
      instance: "new",
      isNew: true,
      observed: there([squatter]),
    });
    expect(addressOf(startOf(steps, "web-new"))).not.toBe(squatter.address ?? "");
  });
});

describe("the call's own words", () => {
  const project = projectOf(
    [
      {
        service: "web",
        instance: "published",
        command: ["x"],
        properties: { persistentData: true },
      },
    ],
    { services: [{ name: "web", ports: [{ container: 80, host: 80, protocol: "tcp" }] }] },
  );
  test("properties, type and command", () => {
    const spec = (wish: Parameters<typeof plan>[1]) =>
      startOf(plan(project, wish).steps, "web-published").spec;
    expect(spec({})).toMatchObject({
      command: ["x"],
      session: undefined,
      ports: [{ container: 80, ip: "" }],
    });
    expect(spec({ properties: { publishPorts: false } }).ports).toEqual([]);
    expect(spec({ seedCommand: "sleep 9" }).command).toEqual(["/bin/sh", "-c", "exec sleep 9"]);
    expect(spec({ instanceType: "debug" })).toMatchObject({
      command: ["bash"],
      session: "terminal",
      ports: [],
      env: { SAFEMODE: "True", INSTANCE_TYPE: "debug", PERSISTENT_DATA: "True" },
    });
  });
});

describe("readiness and registration", () => {
  const only = (given: Parameters<typeof projectOf>[0][number], images: string[] = []) =>
    startsOf(
      plan(projectOf([given, { service: "reyns-dns", instance: "main" }]), {
        observed: observed({ images: ["shop/web", ...images] }),
      }).steps,
    )[0];
  test("our entrypoint, the DNS, a check, or the ports", () => {
    const tcp = { kind: "tcp", port: 1 } as const;
    const address = expect.stringMatching(/^10\.200\./) as string;
    expect(only({ service: "web" })?.ready).toEqual({ kind: "entrypoint" });
    expect(only({ service: "reyns-dns", instance: "x" })?.ready).toEqual({
      kind: "dns",
      address,
      zone: "local.zone",
    });
    expect(only({ service: "web", ready: tcp })?.ready).toEqual({
      kind: "check",
      check: tcp,
      address,
    });
    const ports = [
      { container: 5432, host: 1, protocol: "tcp" as const },
      { container: 53, host: 53, protocol: "udp" as const },
    ];
    const ready = only({ service: "db", image: "postgres:17", ports }, ["postgres:17"]);
    expect(ready?.ready).toEqual({ kind: "ports", address, ports: [5432] });
    expect(ready?.spec.env["REYNS_PRESTARTUP"]).toBeUndefined();
    expect(ready?.register).toMatchObject({ service: "db", instance: "one", policy: "REPLACE" });
  });

  test("HIDE: may ask, is not told of", () => {
    const hidden = only({ service: "web", env: { DNS_UPDATE_POLICY: text("HIDE") } });
    expect(hidden).toMatchObject({ register: undefined, spec: { network: { aliases: [] } } });
    expect(hidden?.spec.dns?.search).toEqual(["local.zone"]);
    expect(only({ service: "web" })?.spec.network?.aliases).toEqual([
      "web-one",
      "web-one.local.zone",
    ]);
  });
});

test("a plan has no use for the clock or chance: the same twice", () => {
  const project = projectOf([
    { service: "web", links: [any("x", "web")] },
    { service: "web", instance: "two" },
  ]);
  expect(plan(project)).toEqual(plan(project, { build }));
});

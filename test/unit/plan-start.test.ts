import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { defaultDnsSettings } from "../../src/model/dns-settings.ts";
import { labels } from "../../src/model/labels.ts";
import { scopeOf } from "../../src/model/resource-names.ts";
import { addressOf, observed, plan, projectOf, startOf, startsOf } from "./support/planning.ts";
import { text, linkToService } from "./support/definitions.ts";

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
        links: [linkToService("MYAPP", "app")],
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

import { describe, expect, test } from "bun:test";
import { defineInstance } from "../../src/model/project.ts";
import { portConflictErrors } from "../../src/plan/checks/taken-ports.ts";
import { plan, projectOf, startsOf, started, startOf } from "./support/planning.ts";
import type { PublishedPort } from "../../src/model/container-spec.ts";
import type { ListeningSocket } from "../../src/model/ports.ts";
import { planDns, publishedPort, publishedWeb } from "./support/publishing.ts";

test("the port of a container that the Engine starts for a killed call is free for the one in its place", () => {
  const at = { file: "reyns.ts" };
  const ports = [{ container: 80, host: 8080, protocol: "tcp" as const }];
  const project = projectOf([defineInstance({ service: "web", instance: "one", at, ports })]);
  const steps = startsOf(plan(project).steps);
  expect(steps).toHaveLength(1);
  const messages = (owner: string | undefined, removes?: string): string[] =>
    portConflictErrors(
      steps.map((step) => ({ ...step, removes })),
      {
        project,
        publishers: [],
        listeners: [{ ip: "0.0.0.0", host: 8080, protocol: "tcp", owner: () => owner }],
        locate: () => undefined,
      },
    ).map(({ message }) => message);
  const taken = (who: string): string[] => [`web-one: port 8080/tcp is taken by ${who}`];
  expect(messages("docker-proxy (pid 7)", "half-made")).toEqual([]);
  expect(messages("docker-proxy (pid 7)")).toEqual(taken("docker-proxy (pid 7)"));
  expect(messages("nginx (pid 7)", "half-made")).toEqual(taken("nginx (pid 7)"));
  expect(messages(undefined, "half-made")).toEqual(taken("something on this host"));
});

describe("a port of the host", () => {
  const project = projectOf([
    publishedWeb("one", { ports: [publishedPort, { ...publishedPort, protocol: "udp" }] }),
  ]);
  const { steps } = plan(project);
  const listener = (given: Partial<ListeningSocket>): ListeningSocket => ({
    ip: "0.0.0.0",
    host: 8080,
    protocol: "tcp",
    owner: () => "nginx (pid 812)",
    ...given,
  });
  const published = (given: Partial<PublishedPort>) => ({
    container: 1,
    host: 8080,
    protocol: "tcp",
    ip: "0.0.0.0",
    ...given,
  });
  const holder = started(startOf(steps, "web-one"), {
    ports: [published({}), published({ ip: "::" })],
  });
  const taken = (
    holders: Partial<Parameters<typeof portConflictErrors>[1]>,
    of = steps,
  ): string[] =>
    portConflictErrors(of, {
      project,
      publishers: [],
      listeners: [],
      locate: () => undefined,
      ...holders,
    }).map(({ message, hint }) => `${message}\n${hint}`);

  test("is free", () => {
    expect(taken({})).toEqual([]);
    expect(taken({ listeners: [listener({ host: 80 })] })).toEqual([]);
  });

  test("is another instance's", () => {
    const two = { ...holder, id: "2", host: "web-two", instance: "two" };
    expect(taken({ publishers: [two] })).toEqual([
      expect.stringMatching(
        /^web-one: port 8080\/tcp is taken by web-two\nstop it: reyns stop web two/,
      ),
    ]);
  });

  test("is another project's", () => {
    const publishers = [{ ...holder, project: "blog", origin: "/srv/blog" }];
    const [text] = taken({ publishers });
    expect(text).toContain("by web-one of the project blog in /srv/blog\nstop it there");
    const [moved] = taken({ publishers, locate: () => "/srv/new" });
    expect(moved).toContain("by web-one of the project blog in /srv/new\nstop it there");
  });

  test("is that of the same folder's project under its former name", () => {
    const [text] = taken({ publishers: [{ ...holder, project: "former" }] });
    expect(text).toBe(
      `web-one: port 8080/tcp is taken by web-one of the project former in this folder
if "shop" is its new name: to keep using it, name the project "former" again; otherwise remove its containers: reyns -p former clean all
or stop it: reyns -p former stop web one
or publish another port: change ports in reyns.ts`,
    );
  });

  test("is a stranger's container", () => {
    const stranger = { ...holder, project: "", folder: "", instance: "", containerName: "proxy" };
    expect(taken({ publishers: [stranger] })[0]).toContain("by the container proxy");
  });

  test("is a process's; by TCP and UDP it is one mistake", () => {
    const listeners = [listener({}), listener({ protocol: "udp" })];
    expect(taken({ listeners })).toEqual([
      expect.stringContaining("port 8080/tcp+udp is taken by nginx (pid 812)"),
    ]);
  });

  test("is a process's that this user may not look into", () => {
    expect(taken({ listeners: [listener({ owner: () => undefined })] })[0]).toContain(
      "by something on this host",
    );
  });

  test("becomes free when its container is run anew", () => {
    const of = [
      ...steps,
      {
        kind: "remove-instance",
        id: "remove",
        after: [],
        title: "web-one",
        reason: "test",
        host: "web-one",
        containerId: holder.id,
        temporaryVolume: undefined,
        deregister: undefined,
      } as const,
    ];
    expect(taken({ publishers: [holder], listeners: [listener({})] }, of)).toEqual([]);
  });

  test.each([
    ["127.0.0.1", "127.0.0.1", 1],
    ["127.0.0.1", "127.0.0.53", 0],
    ["127.0.0.1", "0.0.0.0", 1],
    ["127.0.0.1", "::", 1],
    ["", "127.0.0.53", 1],
  ])("on %j beside one on %j: %d mistake", (ip, other, count) => {
    const [only] = [startOf(steps, "web-one")];
    const own = { ...only, spec: { ...only.spec, ports: [{ ...publishedPort, ip }] } };
    expect(taken({ listeners: [listener({ ip: other })] }, [own])).toHaveLength(count);
  });

  test("53 is often a resolver's: what is in its way and what is not", () => {
    const { steps: own } = planDns({ SERVICE_IP: "192.168.1.2" });
    const dnsmasq = listener({ host: 53, protocol: "udp", owner: () => "dnsmasq (pid 7)" });
    const [text] = taken({ listeners: [dnsmasq] }, own);
    expect(text).toContain("port 53/udp on 192.168.1.2 is taken by dnsmasq (pid 7)");
    expect(text).toContain("listen-address=127.0.0.1 and bind-interfaces");
    const stub = { ...dnsmasq, ip: "127.0.0.53" };
    expect(taken({ listeners: [stub] }, own)).toEqual([]);
  });
});

import { describe, expect, test } from "bun:test";
import { ReynsError } from "../../src/errors.ts";
import type { InstanceDefinition } from "../../src/model/project.ts";
import type { RegisteredZone } from "../../src/model/registered.ts";
import { formatPlan } from "./support/format-plan.ts";
import { defaultRouter } from "../../src/model/routes.ts";
import { observed, plan, projectOf, started, startOf } from "./support/planning.ts";

const server = "192.168.77.1";
const env = { DNS_SERVICE_IP: { kind: "text", text: server } } as const;
const target = { service: "web", instance: "one" };
const link = { name: "backend", target };

const spread = (client: Partial<InstanceDefinition>) =>
  projectOf([
    { service: "web", group: "second", env },
    { service: "client", group: "first", env, ...client },
  ]);

const zoneOf = (service: string, node = "two"): RegisteredZone => ({
  server,
  instances: [{ service, instance: "one", host: `${service}-one`, address: "192.168.77.2", node }],
});

describe("a link to an instance of another group", () => {
  test("leads to where the DNS has registered it", () => {
    const { steps, missing } = plan(spread({ links: [link] }), {
      group: "first",
      observed: observed({ images: ["shop/client"], registered: zoneOf("web") }),
    });
    expect(missing).toEqual([]);
    const { spec } = startOf(steps, "client-one");
    expect(spec.env).toMatchObject({ BACKEND_SERVICE_IP: "192.168.77.2" });
    expect(spec.extraHosts).toEqual([{ name: "backend", address: "192.168.77.2" }]);
  });

  test("lacks a value that only the other machine can give while it is not registered", () => {
    const { missing } = plan(spread({ links: [link] }), { group: "first" });
    expect(missing).toMatchObject([
      { name: "BACKEND_SERVICE_IP", elsewhere: { host: "web-one", group: "second" } },
    ]);
  });

  test("leaves a router on another machine to that one", () => {
    const route = {
      host: "a.localhost",
      path: "/",
      strip: false,
      sticky: false,
      protocol: "http",
    } as const;
    const project = projectOf([
      { service: "reyns-router", group: "second", env, router: defaultRouter },
      { service: "client", group: "first", env, routes: [route] },
    ]);
    const { steps } = plan(project, {
      group: "first",
      observed: observed({ images: ["shop/client"], registered: zoneOf("reyns-router") }),
    });
    expect(startOf(steps, "client-one").routed).toBeUndefined();
  });

  test("does not take what runs here for one of another machine", () => {
    const { steps } = plan(spread({ links: [link] }), {
      observed: observed({
        images: ["shop/client", "shop/web"],
        registered: zoneOf("web", "laptop"),
      }),
    });
    const { address } = startOf(steps, "web-one");
    expect(startOf(steps, "client-one").spec.env["BACKEND_SERVICE_IP"]).toBe(address);
  });
});

describe("after an instance of another group", () => {
  const namesIn = (text: string): string | undefined =>
    text.split("\n").find((line) => line.startsWith("await"));

  test("a start waits for its name", () => {
    const { steps } = plan(spread({ after: [target] }), { group: "first" });
    expect(namesIn(formatPlan(steps))).toContain("web-one");
    expect(startOf(steps, "client-one").after).toContain("name web-one");
  });

  test("a start does not wait for a name that is registered", () => {
    const registered = zoneOf("web");
    const { steps } = plan(spread({ after: [target] }), {
      group: "first",
      observed: observed({ images: ["shop/client"], registered }),
    });
    expect(namesIn(formatPlan(steps))).toBeUndefined();
  });

  test("a warning names what cannot be waited for", () => {
    const alone = { after: [target], env: {} };
    expect(plan(spread(alone), { group: "first" }).warnings).toEqual([
      "client-one does not wait for web-one of the group second, which does not run here: no DNS tells whether it runs elsewhere",
    ]);
    const job = projectOf([
      { service: "web", group: "second", env, job: { always: false } },
      { service: "client", group: "first", env, after: [target] },
    ]);
    const [warning] = plan(job, { group: "first" }).warnings;
    expect(warning).toEndWith("it is not registered with the DNS");
  });
});

test("a warning tells of groups and DNS for a service whose profile is not active", () => {
  const plain = { env: {} };
  const project = projectOf([
    { service: "web", group: "second", autorun: false, ...plain },
    { service: "client", after: [target], ...plain },
  ]);
  expect(plan(project).warnings).toEqual([]);
});

test("a run names what goes on at an address that the machine does not have", () => {
  const SERVICE_IP = { kind: "text", text: "192.168.77.3" } as const;
  const project = spread({ env: { ...env, SERVICE_IP } });
  const images = ["shop/client"];
  const running = plan(project, { group: "first", observed: observed({ images }) });
  const client = started(startOf(running.steps, "client-one"));
  const wish = { group: "first", observed: observed({ images, instances: [client] }) };
  const at = (address: string): readonly string[] =>
    plan(project, { ...wish, hostAddresses: [{ name: "eth0", address }] }).warnings;
  expect(at("192.168.77.3")).toEqual([]);
  expect(at("192.168.77.23")).toEqual([
    "client-one: registered at 192.168.77.3, which is no address of its machine; if that has another one now: SERVICE_IP=ADDRESS reyns rerun client",
  ]);
});

describe("an instance that another machine has registered", () => {
  const runs = (node: string, address?: string): string => {
    const own =
      address === undefined
        ? env
        : { ...env, SERVICE_IP: { kind: "text", text: address } as const };
    try {
      plan(spread({ env: own }), {
        group: "first",
        observed: observed({ images: ["shop/client"], registered: zoneOf("client", node) }),
      });
      return "";
    } catch (error) {
      return error instanceof ReynsError ? error.message : String(error);
    }
  };

  test("is not started here as well", () => {
    expect(runs("two")).toBe(
      "client-one runs on two (192.168.77.2) already: its names would lead here",
    );
  });

  test("is started when it was this machine, by its name or its address", () => {
    expect(runs("laptop")).toBe("");
    expect(runs("renamed", "192.168.77.2")).toBe("");
  });
});

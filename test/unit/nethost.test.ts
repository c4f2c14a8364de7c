import { describe, expect, test } from "bun:test";
import { text } from "./support/definitions.ts";
import { observed, plan, projectOf, startOf } from "./support/planning.ts";

describe("an instance in the host's network", () => {
  const nethost = { nethost: true };

  test("listens on its address alone: the gateway of the project's network", () => {
    const { env, labels } = startOf(
      plan(projectOf([{ service: "web", properties: nethost }])).steps,
      "web-one",
    ).spec;
    expect(env["REYNS_LISTEN"]).toMatch(/^10\.200\.\d+\.\d+$/);
    expect(Object.values(labels)).toContain(env["REYNS_LISTEN"] ?? "");
  });

  test("listens on its SERVICE_IP, and where the project's instances ask", () => {
    const dns = {
      service: "reyns-dns",
      instance: "main",
      properties: nethost,
      env: { SERVICE_IP: text("10.99.77.2") },
    };
    const { spec, address } = startOf(plan(projectOf([dns])).steps, "reyns-dns-main");
    expect(spec.env["REYNS_LISTEN"]).toBe(`10.99.77.2 ${address}`);
  });

  test("is told nothing of it where it has a network of its own", () => {
    const { env } = startOf(
      plan(projectOf([{ service: "web" }]), { observed: observed({ images: ["shop/web"] }) }).steps,
      "web-one",
    ).spec;
    expect(env).not.toHaveProperty("REYNS_LISTEN");
  });
});

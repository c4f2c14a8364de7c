import { expect, test } from "bun:test";
import { notPublished } from "../../src/cli/commands/port.ts";

const web = { host: "web-one", service: "web" };

test("a port that is published with IPv4 and IPv6 is named once", () => {
  const published = { container: 8080, host: 8080, protocol: "tcp" };
  const ports = ["0.0.0.0", "::"].map((ip) => ({ ...published, ip }));
  const error = notPublished({ ...web, ports }, "9999", {});
  expect(error).toMatchObject({
    message: "web-one publishes no port 9999",
    hint: "published: 8080/tcp",
  });
});

test("the hint of a service without ports names the file that defines it, in its own format", () => {
  const hintIn = (compose?: string): string | undefined =>
    notPublished({ ...web, ports: [] }, undefined, { compose }).hint;
  expect(hintIn()).toBe('publish it in reyns.ts: service("web", { ports: ["80"] })');
  expect(hintIn("/shop/docker-compose.yml")).toBe(
    'publish it in docker-compose.yml: ports: ["80"] at the service "web"',
  );
});

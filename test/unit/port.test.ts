import { expect, test } from "bun:test";
import { notPublished } from "../../src/cli/commands/port.ts";
import { projectFolder } from "./support/project-folder.ts";

const placeOf = (given: Partial<Parameters<typeof notPublished>[2]>) => {
  const { folder = "/shop" } = given;
  return { folder, servicesFolder: `${folder}/services`, script: undefined, ...given };
};

const web = { host: "web-one", service: "web" };

test("a port that is published with IPv4 and IPv6 is named once", () => {
  const published = { container: 8080, host: 8080, protocol: "tcp" };
  const ports = ["0.0.0.0", "::"].map((ip) => ({ ...published, ip }));
  const error = notPublished({ ...web, ports }, "9999", placeOf({}));
  expect(error).toMatchObject({
    message: "web-one publishes no port 9999",
    hint: "published: 8080/tcp",
  });
});

test("the hint of a service without ports names the file that defines it, in its own format", () => {
  const hintIn = (given: Parameters<typeof placeOf>[0]): string | undefined =>
    notPublished({ ...web, ports: [] }, undefined, placeOf(given)).hint;
  const script = "/shop/reyns.ts";
  expect(hintIn({ script })).toBe('publish it in reyns.ts: service("web", { ports: ["80"] })');
  expect(hintIn({ compose: "/shop/docker-compose.yml" })).toBe(
    'publish it in docker-compose.yml: ports: ["80"] at the service "web"',
  );
});

test("the hint in a project of .conf files names a reyns.ts", async () => {
  await using project = await projectFolder({ "default.conf": "[]" });
  const hint = (): string | undefined =>
    notPublished({ ...web, ports: [] }, "53/udp", placeOf({ folder: project.folder })).hint;
  const way = '"publish_ports": true, with "# reyns: expose 53/udp" in the Dockerfile of web';
  expect(hint()).toBe(`publish it in default.conf: ${way}`);
  await project.write({ "other.conf": "[]" });
  expect(hint()).toBe(`publish it in its .conf: ${way}`);
});

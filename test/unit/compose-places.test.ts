// Where in a Compose project's files the mistakes stand that only a plan shows.
import { expect, test } from "bun:test";
import { findPlanErrors } from "../../src/plan/check-plan.ts";
import { placeOfPort } from "../../src/plan/checks/port-source.ts";
import { portConflictErrors } from "../../src/plan/checks/taken-ports.ts";
import { mountSources } from "../../src/plan/mount-sources.ts";
import { plan, started, startOf } from "./support/planning.ts";
import { described, projectFolder } from "./support/project-folder.ts";

const base = `services:
  web:
    image: acme/web
    ports:
      - "8000:80"
      - "127.0.0.1:8080:81"
  api:
    image: acme/api
    ports: ["8081:80"]
`;
const override = `services:
  web:
    environment: { A: b }
  api:
    environment: { A: b }
`;

test("two services with one host port are shown elsewhere than at the entry of an override file", async () => {
  const ports = "    ports:\n      - target: 82\n        published: 8080\n";
  await using project = await projectFolder({
    "compose.yaml": base,
    "compose.override.yaml": override + ports,
  });
  const errors = findPlanErrors(await project.read());
  expect(errors.map((error) => described(error, project.folder))).toEqual([
    "compose.override.yaml:7:9 web-1 and api-1 both publish port 8080/tcp | give one of them another host port",
  ]);
});

test("a service that publishes one host port twice is found when the Engine refuses it", async () => {
  const text = (ports: string): string =>
    `services:\n  web:\n    image: acme/web\n    scale: 2\n    ports: [${ports}]\n`;
  const mistakesOf = async (ports: string): Promise<string[]> => {
    await using project = await projectFolder({ "compose.yaml": text(ports) });
    const errors = findPlanErrors(await project.read());
    return errors.map((error) => described(error, project.folder));
  };
  const hint = "give one of them another host port, or remove it";
  expect(await mistakesOf('"8000-8003:80", "8000-8003:81"')).toEqual([
    `compose.yaml:5:29 web-1 publishes port 8000/tcp twice | ${hint}`,
  ]);
  const [ofSecond] = await mistakesOf('"8000-8003:80", "8001:81"');
  expect(ofSecond).toBe(`compose.yaml:5:29 web-2 publishes port 8001/tcp twice | ${hint}`);
  expect(await mistakesOf('"80", "81", "8000-8003:80", "8000-8003:80/udp"')).toEqual([]);
  const addresses = '"127.0.0.1:8000-8003:80", "[::1]:8000-8003:80"';
  expect(await mistakesOf(addresses)).toEqual([]);
});

test("a port that is taken is shown in the override file, though another one has it", async () => {
  await using project = await projectFolder({
    "compose.yaml": base,
    "compose.override.yaml": override,
  });
  const read = await project.read();
  const errors = portConflictErrors(plan(read).steps, {
    project: read,
    publishers: [],
    listeners: [{ ip: "0.0.0.0", host: 8080, protocol: "tcp", owner: () => "nginx (pid 7)" }],
    locate: () => undefined,
  });
  expect(errors.map((error) => described(error, project.folder))).toEqual([
    "compose.yaml:6:9 web-1: port 8080/tcp on 127.0.0.1 is taken by nginx (pid 7) | stop it, or publish another port: change ports in compose.yaml",
  ]);
});

test("replicas with one host port are reported one by one, or with advice for several machines", async () => {
  await using project = await projectFolder({
    "compose.yaml": base.replace("    ports:", "    scale: 3\n    ports:"),
  });
  const errors = findPlanErrors(await project.read());
  const range = (port: number, own: number) => `publish a range: "${port}-${port + 9}:${own}"`;
  expect(errors.map((error) => described(error, project.folder))).toEqual([
    `compose.yaml:6:9 web-1 and web-2 both publish port 8000/tcp | only one replica can have a fixed port\nleave the host port out: "80"; or ${range(8000, 80)}; or run one replica`,
    `compose.yaml:7:9 web-1 and web-2 both publish port 8080/tcp on 127.0.0.1 | only one replica can have a fixed port\nleave the host port out: "81"; or ${range(8080, 81)}; or run one replica`,
  ]);
});

test("a replica whose port another one has is told to stop that one", async () => {
  await using project = await projectFolder({ "compose.yaml": base });
  const read = await project.read();
  const step = startOf(plan(read).steps, "api-1");
  const port = { container: 80, host: 8081, protocol: "tcp", ip: "0.0.0.0" };
  const holder = started(step, {
    id: "2",
    host: "api-2",
    instance: "2",
    project: read.name,
    origin: read.origin,
    ports: [port],
  });
  const occupancy = { project: read, publishers: [holder], listeners: [], locate: () => undefined };
  const errors = portConflictErrors([step], occupancy);
  expect(errors.map((error) => described(error, project.folder))).toEqual([
    `compose.yaml:9:13 api-1: port 8081/tcp is taken by api-2 | only one replica can have a fixed port\nleave the host port out: "80"; or publish a range: "8081-8090:80"; or run one replica`,
  ]);
});

test.each([
  [
    "an option of two words is spelled as in a reyns.ts",
    "services:\n  web: { image: a, stop_signal: NOPE }\n",
    'compose.yaml:2:20 stop_signal is "NOPE" | accepted: a name such as HUP, SIGTERM or USR1, or a number such as 9',
  ],
  [
    "what cannot stand beside network_mode is spelled as in a reyns.ts",
    'services:\n  vpn: { image: a }\n  web: { image: a, network_mode: "service:vpn", extra_hosts: ["a:1.1.1.1"] }\n',
    "compose.yaml:3:49 extra_hosts cannot stand beside network_mode | set it on the service whose network this one shares",
  ],
  [
    "replicas with one address get advice for two services",
    `services:
  web: { image: a, scale: 2, networks: { front: { ipv4_address: 172.30.0.4 } } }
networks: { front: { ipam: { config: [{ subnet: 172.30.0.0/24 }] } } }
`,
    "compose.yaml:2:42 172.30.0.4 in the network front is the address of web-1 already | leave the address out, or run one replica",
  ],
  [
    "services whose names are one here are reported for their instances, too",
    "services:\n  web_a: { image: a }\n  web-a: { image: a }\n",
    "compose.yaml:3:3 web_a and web-a are both called web-a here | give them names that differ in more than capitals, dots and _",
  ],
])("%s", async (_, content, mistake) => {
  await using project = await projectFolder({ "compose.yaml": content });
  expect(await project.mistakes()).toEqual([mistake]);
});

test("mistakes behind an entry that is left out are not shown at the entry before them", async () => {
  await using project = await projectFolder({
    "compose.yaml": `services:
  db: { image: acme/db }
  web:
    image: acme/web
    volumes:
      - ./a:relative
      - { type: bind, source: ./b, target: /b, bind: { propagation: nope } }
    links: [db, "db:no!"]
`,
  });
  expect(await project.mistakes()).toEqual([
    'compose.yaml:6:9 services.web.volumes.0: the path in the container has to be absolute, not "relative" | begin it with a slash',
    'compose.yaml:7:56 volumes.bind.propagation is "nope" | accepted: "private" or "rprivate" or "shared" or "rshared" or "slave" or "rslave"',
    'compose.yaml:8:17 invalid link name "no!" | use letters, digits and hyphens: link(TARGET, "NAME")',
  ]);
});

test("what a plan reports behind an entry that is left out is shown at its own entry", async () => {
  await using project = await projectFolder({
    "compose.yaml": `services:
  web:
    image: acme/web
    scale: 3
    volumes:
      - { type: npipe, source: a, target: /a }
      - /absent/b:/b:ro
    secrets:
      - key
    ports:
      - "8000-8001:80"
      - "8080-8082:81"
secrets:
  key: { file: /absent/key }
`,
  });
  const read = await project.read(undefined, { REYNS_ALLOW: "volumes.npipe,ports" });
  const places = mountSources(plan(read).steps, read)
    .filter(({ host }) => host === "web-3")
    .map(({ target, at }) => `${target} ${at?.line}:${at?.column}`);
  expect(places).toEqual(["/b 7:9", "/run/secrets/key 9:9"]);
  const publisher = read.conf.instances.find(({ instance }) => instance === "3");
  expect(publisher && placeOfPort(publisher, port8082)).toMatchObject({ line: 12, column: 9 });
});

const port8082 = { container: 81, host: 8082, protocol: "tcp", ip: "" } as const;

test("a mistake that shows later waits until the others are mended", async () => {
  await using project = await projectFolder({
    "compose.yaml": `services:
  web:
    image: acme/web
    imge: x
    restart: allways
  api:
    image: acme/api
    volumes: ["./x:relative"]
    ports: [{ target: x }]
`,
  });
  expect(await project.mistakes()).toEqual([
    'compose.yaml:4:5 unknown key "imge" in services.web | did you mean "image"?',
    'compose.yaml:5:5 restart is "allways" | accepted: "no", "always", "unless-stopped", "on-failure" or "on-failure:3"',
    'compose.yaml:8:15 services.api.volumes.0: the path in the container has to be absolute, not "relative" | begin it with a slash',
    'compose.yaml:9:15 services.api.ports.0.target has to be a whole number, not "x"',
  ]);
});

test("a mistake in an entry or a limit brings no others with it, nor the value of its variable", async () => {
  await using project = await projectFolder({
    "compose.yaml": `services:
  web:
    image: acme/web
    ports:
      - published: "81"
        target: http
      - published: "82"
        target: \${KEY}
    volumes:
      - source: .
        type: bnd
        target: /a
    deploy:
      resources:
        limits: { memory: lots }
        reservations: { memory: "\${KEY}" }
`,
    ".env": "KEY=hunter2\n",
  });
  expect(await project.mistakes()).toEqual([
    'compose.yaml:6:9 services.web.ports.0.target has to be a whole number, not "http"',
    ".env:1 services.web.ports.1.target has to be a whole number, not the value that its variable gives it",
    'compose.yaml:11:9 services.web.volumes.0.type has to be one of the texts bind, volume, tmpfs, cluster, npipe, image, not "bnd" | did you mean "bind"?',
    'compose.yaml:15:19 services.web.deploy.resources.limits.memory has to be a size such as "512m", not "lots"',
    '.env:1 services.web.deploy.resources.reservations.memory has to be a size such as "512m", not the value that its variable gives it',
  ]);
});

test("nothing follows the number of mistakes that are not shown, which counts them all", async () => {
  const wrong = Array.from({ length: 22 }, (_, index) => `  s${index}: { image: x, imge: x }\n`);
  await using project = await projectFolder({
    "compose.yaml": `services:\n${wrong.join("")}  web: { image: x, restart: allways }\n`,
  });
  const mistakes = await project.mistakes();
  expect(mistakes).toHaveLength(21);
  expect(mistakes.at(-1)).toBe("and 3 more mistakes");
});

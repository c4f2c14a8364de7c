import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { createProject } from "./support/project.ts";
import { openTerminal } from "./support/terminal.ts";

const shop = await createProject(
  { "services/web/Dockerfile": "FROM reyns/reyns-base\n" },
  { offline: true },
);
afterAll(() => shop[Symbol.asyncDispose]());

/** No Engine is asked: there is none. */
const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };

test("check reports all mistakes of every conf in their order, and ends with 2", async () => {
  await shop.write({
    "reyns.ts": `import { conf, link, service } from "reyns";
service("web", { instance: "one", links: [link("wbe")], imag: 3 });
service("web", { instance: "two", extraArgs: "--foo" });
conf("b", () => {
  service("web", { instance: "x", after: [{ service: "web", instance: "y" }] });
  service("web", { instance: "y", after: [{ service: "web", instance: "x" }] });
});
conf("c", () => void service("nope", { instance: "x" }));
`,
  });
  const { status, stdout, stderr } = await shop.reyns("check", { env });
  expect([...stderr.matchAll(/^error (.*)$/gm)].map(([, line]) => line)).toEqual([
    'reyns.ts:2:43: link wbe refers to the unknown service "wbe"',
    'reyns.ts:2:57: unknown key "imag"',
    "reyns.ts:3:35: extraArgs: --foo is not supported",
    "reyns.ts:5:35: instances wait for each other in a circle: web-x -> web-y -> web-x",
    'reyns.ts:8:30: no service "nope": services/nope/Dockerfile does not exist',
  ]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
});

test("check json reports the same mistakes with their places", async () => {
  const { status, stdout } = await shop.reyns("check json", { env });
  const file = join(shop.folder, "reyns.ts");
  const { errors } = JSON.parse(stdout) as { errors: { at: object }[] };
  expect(errors.map(({ at }) => at)).toEqual([
    { file, line: 2, column: 43 },
    { file, line: 2, column: 57 },
    { file, line: 3, column: 35 },
    { file, line: 5, column: 35 },
    { file, line: 8, column: 30 },
  ]);
  expect(errors[1]).toEqual({
    code: "INVALID_PROJECT",
    message: 'unknown key "imag"',
    hint: 'did you mean "image"?',
    at: { file, line: 2, column: 57 },
  } as never);
  expect(status).toBe(2);
});

test("every command that reads the definition names all of its mistakes at once", async () => {
  await shop.write({
    "reyns.ts": `import { service } from "reyns";
service("web", { imag: "x", links: "nothere" });
service("a", { image: "x", after: "b" });
service("b", { image: "x", after: "a", restart: "often", volumes: ["/data:srv"] });
`,
  });
  const { status, stderr } = await shop.reyns("graph", { env });
  expect([...stderr.matchAll(/^error (.*)$/gm)].map(([, line]) => line)).toEqual([
    'reyns.ts:2:18: unknown key "imag"',
    'reyns.ts:2:29: link nothere refers to the unknown service "nothere"',
    "reyns.ts:3:28: instances wait for each other in a circle: a-one -> b-one -> a-one",
    'reyns.ts:4:40: restart is "often"',
    'reyns.ts:4:68: invalid volume "/data:srv"',
  ]);
  expect(status).toBe(2);
});

test("an error that the file throws is not hidden behind an unknown conf", async () => {
  await shop.write({
    "reyns.ts": `import { conf, service } from "reyns";
service("web", { volumes: ["/data:srv"] });
throw new Error("no such thing");
conf("prod", () => void service("web"));
`,
  });
  const graph = async (conf: string): Promise<string[]> => {
    const { stderr } = await shop.reyns(`graph ${conf}`, { env });
    return [...stderr.matchAll(/^error (.*)$/gm)].map(([, line = ""]) => line);
  };
  expect(await graph("conf=prod")).toEqual(["reyns.ts:3:11: no such thing"]);
  expect(await graph("conf=default")).toEqual([
    'reyns.ts:2:28: invalid volume "/data:srv"',
    "reyns.ts:3:11: no such thing",
  ]);
});

const corpus = join(import.meta.dir, "../fixtures/wrong");

test.each(["endless-loop.ts", "loose-command.ts", "rejected-elsewhere.ts", "throws-later.ts"])(
  "check survives a file that would end or block its process: %s",
  async (name) => {
    const text = await Bun.file(join(corpus, name)).text();
    const [, place, message = "", hint = ""] =
      /^\/\/! ([\d:]+) \w+ (.*) \| (.*)$/m.exec(text) ?? [];
    await shop.write({ "reyns.ts": text });
    // What does not end by itself is given up after a second; all else has its time.
    const given = name === "endless-loop.ts" ? { ...env, LOAD_TIMEOUT: "1" } : env;
    const { status, stderr } = await shop.reyns("check", { env: given });
    const line = place?.split(":")[0];
    expect(stderr).toMatch(
      new RegExp(`^error reyns\\.ts:${line}(:\\d+)?: ${RegExp.escape(message)}`),
    );
    expect(stderr).toContain(hint);
    expect(status).toBe(2);
  },
);

test("a question of reyns.ts has no time limit", async () => {
  await shop.write({
    "reyns.ts": `import { question, service } from "reyns";
const mode = await question("Which mode? ");
service("web", { instance: "one", env: { MODE: mode } });
`,
  });
  await using terminal = await openTerminal({
    folder: shop.folder,
    env: { ...env, LOAD_TIMEOUT: "5" },
  });
  await terminal.type("reyns check");
  await terminal.see("Which mode?");
  // Longer than the file itself may take.
  await Bun.sleep(5500);
  await terminal.type("fast");
  expect(await terminal.see(/\[\d+\]\$$/)).toContain("OK: no problems");
});

test("check without mistakes lists the confs and ends with 0", async () => {
  await shop.write({
    "reyns.ts": `import { conf, fromInterface, service } from "reyns";
service("web", { instance: "one", env: { SERVICE_IP: fromInterface("not-on-this-host") } });
conf("b", () => void service("web", { instance: "x" }));
`,
    "c.conf": '[{ "service": "web", "instance": "c" }]',
  });
  const { status, stdout } = await shop.reyns("check", { env });
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: "OK: no problems in confs default, b, c\n",
  });
});

test("check lists the instances with more privileges than a plain container", async () => {
  const socket = "/var/run/docker.sock:/var/run/docker.sock";
  await shop.write({
    "reyns.ts": `import { service } from "reyns";
service("web", { instance: "plain", volumes: ["./site:/srv:ro"] });
service("web", { instance: "all", privileged: true, nethost: true, volumes: ["${socket}"] });
service("web", { instance: "some", capAdd: ["NET_ADMIN"], pid: "host", extraArgs: "--device /dev/fuse" });
`,
  });
  const { status, stdout } = await shop.reyns("check", { env });
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: `OK: no problems in confs default, c
instances with more privileges than a plain container:
  web-all   privileged, in the host's own network, the Engine's socket
  web-some  the host's processes, capability NET_ADMIN, device /dev/fuse
`,
  });
  expect(await shop.json("check", { env })).toMatchObject({
    rights: [{ host: "web-all" }, { host: "web-some", rights: { length: 3 } }],
  });
});

test("what is worth a look: undefined instances, missing files, names that no shell reads", async () => {
  const instance = (name: string) => ({ project: "shop", service: "web", instance: name });
  const record = {
    instances: [
      instance("one"),
      instance("old"),
      { ...instance("more"), isAdHoc: true },
      { project: "shop", service: "gone", instance: "one", isAdHoc: true },
    ],
    stopped: [],
  };
  await shop.write({
    "reyns.ts": `import { conf, service } from "reyns";
service("web", { env: { "B-C": 1, "discovery.type": 2 }, volumes: ["./absent.cfg:/etc/a.cfg:ro", "./made:/made"] });
conf("b", () => void service("web", { instance: "two" }));
`,
    ".reyns/expected.json": JSON.stringify(record),
  });
  const warnings = [
    `web-one: ${join(shop.folder, "absent.cfg")}, mounted at /etc/a.cfg, does not exist here (reyns.ts:2:68)`,
    "web-one: no shell can read a variable named B-C",
    "web-old is no longer defined; remove it with: reyns run all prune=true",
    "gone-one is no longer defined; remove it with: reyns run all prune=true",
  ];
  const { status, stderr } = await shop.reyns("check", { env });
  expect(stderr).toBe(warnings.map((warning) => `warning ${warning}\n`).join(""));
  expect(status).toBe(0);
  expect(await shop.json("check", { env })).toMatchObject({ warnings });
});

test("commands take the name of a service that is named like a key for the service, and check accepts it", async () => {
  await shop.write({
    "reyns.ts": `import { service } from "reyns";
service("ports", { image: "debian:bookworm-slim" });
`,
    ".reyns/expected.json": "{}",
  });
  const { stderr } = await shop.reyns("check", { env });
  expect(stderr).toBe("");
  const call = await shop.reyns("run ports", { env });
  expect(call.stderr).toStartWith('"ports" is the service of that name: --ports is the key\n');
  expect(call.status).toBe(3);
});

test("a port that two instances publish is a mistake, with status 2", async () => {
  await shop.write({
    "reyns.ts": `import { service } from "reyns";
for (const instance of ["one", "two"]) service("web", { instance, ports: ["8080:80"] });
`,
  });
  const { status, stderr } = await shop.reyns("check", { env });
  expect(stderr).toContain("web-one and web-two both publish port 8080/tcp");
  expect(status).toBe(2);
});

test("check names the files that a folder without a definition lacks", async () => {
  const files = { "services/web/Dockerfile": "FROM scratch\n" };
  await using folder = await createProject(files, { offline: true });
  const warning = `nothing to run: ${folder.folder} has no reyns.ts, compose.yaml or default.conf`;
  const { status, stdout, stderr } = await folder.reyns("check", { env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: `warning ${warning}\n` });
  expect(stdout).toBe("OK: no problems in the services' folders\n");
  expect(await folder.json("check", { env })).toMatchObject({ warnings: [warning] });
});

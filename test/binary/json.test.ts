import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createDemo, demoName, type Project } from "./support/project.ts";
import { reyns } from "./support/reyns.ts";

setDefaultTimeout(240_000);

const text = expect.any(String);
const id = expect.stringMatching(/^[0-9a-f]{12}$/);

const port = (container: number, protocol: string) => ({
  container,
  host: null,
  protocol,
  ip: null,
});

/** An instance as every command reports it. */
const instance = (service: string, name: string, ports: unknown[]) => ({
  id,
  service,
  instance: name,
  instanceType: "standard",
  group: null,
  image: service === "demo" ? `${demoName}/demo` : "reyns/reyns-dns",
  state: "running",
  health: null,
  ready: true,
  exitCode: null,
  restarts: 0,
  outOfMemory: false,
  job: false,
  version: expect.any(Number),
  commit: null,
  address: expect.stringMatching(/^10\.\d+\.\d+\.\d+$/),
  networks: [
    {
      name: expect.stringMatching(new RegExp(`^${demoName}-[0-9a-f]{6}$`)),
      address: expect.stringMatching(/^10\./),
    },
  ],
  hostname: `${service}-${name}`,
  ports,
  createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  finishedAt: null,
  problems: [],
});

const one = instance("demo", "one", [port(22, "tcp")]);
const two = instance("demo", "two", [port(22, "tcp")]);
const main = instance("reyns-dns", "main", [port(22, "tcp"), port(53, "tcp"), port(53, "udp")]);

/** What is different once it has ended. */
const ended = { exitCode: expect.any(Number), finishedAt: one.startedAt };

const listed = [one, two, main];

let demo: Project;

beforeAll(async () => {
  demo = await createDemo();
  await demo.must("build all");
  await demo.must("run all");
}, 300_000);

afterAll(() => demo?.[Symbol.asyncDispose]());

/** Calls in their order: later ones look at what earlier ones have left. */
const calls: readonly { line: string; document: unknown; status?: number }[] = [
  { line: "build demo --json", document: [{ image: `${demoName}/demo` }] },
  { line: "run all json=true", document: [one, two, main] },
  { line: "ps:jsonout=True", document: listed },
  { line: "ps json", document: listed },
  { line: "ps all --json", document: listed },
  { line: "ps reallyall --json", document: expect.arrayContaining([one, two, main]) },
  {
    line: "status --json",
    document: [one, two, main].map((running) => ({
      ...running,
      processes: expect.arrayContaining([
        { name: "sshd", state: expect.stringMatching(/^(RUNNING|STARTING)$/), detail: text },
      ]),
    })),
  },
  {
    line: "info demo one --json",
    document: {
      ...one,
      environment: expect.objectContaining({ SERVICE: "demo", INSTANCE: "one", SAFEMODE: "False" }),
      mounts: expect.arrayContaining([
        { source: text, target: "/etc/reyns/keys/tsig.key", readOnly: true, volume: null },
      ]),
      links: [{ name: "dns", address: text }],
      names: [
        { name: "demo-one.local.zone", address: text },
        { name: "demo.local.zone", address: text },
      ],
      networks: [{ name: text, address: text }],
      definedIn: "default",
      versions: [expect.objectContaining({ version: 1, image: `${demoName}/demo`, serves: true })],
    },
  },
  {
    line: "getip demo one --json",
    document: { service: "demo", instance: "one", address: text },
  },
  {
    line: "ssh:demo,instance=two,jsonout=True,command=echo",
    document: { stdout: "\n", stderr: "", exitCode: 0, exit_code: 0 },
  },
  {
    line: "shell demo two capture=True command=hostname",
    document: { stdout: "demo-two\n", stderr: "", exitCode: 0, exit_code: 0 },
  },
  {
    line: "stop demo one --json",
    document: [{ ...one, ...ended, state: "exited", ready: false, ports: [] }],
  },
  { line: "ps --json", document: listed.slice(1) },
  {
    line: "logs demo two tail=1 --json",
    document: [{ service: "demo", instance: "two", time: text, line: text }],
  },
  {
    line: "init --json",
    document: ["common", "base", "dns"].map((name) => ({ image: `reyns/reyns-${name}` })),
  },
  { line: "start demo one --json", document: [{ ...one, finishedAt: one.startedAt }] },
  { line: "rerun demo one --json", document: [one, main] },
  { line: "clean demo one --json", document: [{ service: "demo", instance: "one" }] },
  { line: "run demo one --json", document: [one, main] },
  { line: "run demo one deps=false --json", document: [one] },
  {
    line: "version --json",
    document: { version: text, commit: text, bun: text, engine: expect.stringMatching(/^\d+\./) },
  },
  {
    line: "run dmo --json",
    status: 2,
    document: {
      error: {
        code: "UNKNOWN_SERVICE",
        message: `no service "dmo" in project "${demoName}"`,
        hint: expect.stringContaining('did you mean "demo"?'),
      },
    },
  },
  {
    line: "run demo one safemod=true timeot=3 --json",
    status: 2,
    document: {
      errors: ["safemode", "timeout"].map((meant) => ({
        code: "UNKNOWN_KEY",
        message: text,
        hint: expect.stringContaining(`did you mean "${meant}"?`),
      })),
    },
  },
  {
    line: "ssh demo --json command=true",
    status: 2,
    document: {
      error: {
        code: "AMBIGUOUS_INSTANCE",
        message: '"demo" has 2 instances',
        hint: "name one of them: one, two",
      },
    },
  },
];

describe("a call with json prints one document on standard output", () => {
  for (const { line, document, status = 0 } of calls) {
    test(line, async () => {
      const output = await demo.reyns(line);
      expect(JSON.parse(output.stdout)).toEqual(document);
      expect(output.status).toBe(status);
    });
  }

  test("a mistake in a conf is reported with its place", async () => {
    await demo.write({ "wrong.conf": '[\n  { "service": "demo", "instanc": "one" }\n]\n' });
    const { stdout, status } = await demo.reyns("run all conf=wrong --json");
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "INVALID_PROJECT",
        message: 'unknown key "instanc"',
        hint: expect.stringContaining('did you mean "instance"?'),
        at: { file: `${demo.folder}/wrong.conf`, line: 2, column: 24 },
      },
    });
    expect(status).toBe(2);
  });

  test("version reports null for an Engine that does not answer", async () => {
    const options = { env: { DOCKER_HOST: "unix:///nowhere.sock" } };
    const { stdout, status } = await reyns(demo.folder, "version --json", options);
    expect(JSON.parse(stdout)).toEqual({ version: text, commit: text, bun: text, engine: null });
    expect(status).toBe(0);
  });
});

describe("a call without json", () => {
  test("prints results on standard output and progress on standard error", async () => {
    await demo.must("clean demo one");
    const run = await demo.reyns("run demo one");
    expect(run.stdout).toMatch(/^SERVICE .*\ndemo +one .*\n$/);
    expect(run.stderr).toMatch(
      /^up to date: reyns-dns-main\n(?: .*\n)*✓ demo-one ready {2}10\..*\n$/,
    );
    const clean = await demo.reyns("clean demo one");
    expect(clean.stdout).toBe("");
    expect(clean.stderr).toMatch(/^(?: .*\n)*✓ demo-one removed {2}.*\n$/);
  });

  test("prints an address on a line of its own", async () => {
    const { stdout, stderr } = await demo.reyns("ip demo two");
    expect(stdout).toMatch(/^10\.\d+\.\d+\.\d+\n$/);
    expect(stderr).toBe("");
  });
});

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { until, type Output } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

// None of them has a readiness of its own; all of them end within the first second of their command.
const crashes = [
  {
    name: "ends",
    options: 'image, command: "for i in $(seq 30); do echo line $i; done; sleep 0.1; exit 7"',
    status: 7,
    output: Array.from({ length: 20 }, (_, index) => `line ${index + 11}`),
  },
  { name: "loops", options: 'image, restart: "always", command: "echo no; sleep 0.1; exit 9"' },
  { name: "spins", options: 'image, restart: "always", command: "echo no; exit 9"' },
  { name: "seed", options: "", status: 3, output: ["no"] },
  { name: "prepares", options: 'restart: "always"', status: 4, output: ["no"] },
  {
    name: "supervised",
    options: "",
    status: 2,
    output: ["Error: File contains no section headers."],
  },
];

const line = ({ name, options }: (typeof crashes)[number]): string =>
  `service("${name}", { instance: "one", autorun: false, ${options} });`;

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "services/seed/Dockerfile":
      'FROM reyns/reyns-base\nCMD ["sh", "-c", "echo no; sleep 0.1; exit 3"]\n',
    "services/prepares/Dockerfile":
      'FROM reyns/reyns-base\nCOPY *.sh /prestartup/\nCMD ["sh", "-c", "echo no; sleep 0.3; exit 4"]\n',
    "services/prepares/prestartup_takes_time.sh": "#!/bin/sh\nexec sleep 1.5\n",
    "services/supervised/Dockerfile":
      "FROM reyns/reyns-base\nRUN echo '[program:x' > /etc/supervisor/conf.d/x.conf\n",
    "services/typo/Dockerfile":
      "FROM reyns/reyns-base\nRUN printf '[program:%s]\\ncommand = %s\\n' web pythn3 > /etc/supervisor/conf.d/x.conf\n",
    "services/hangs/Dockerfile": "FROM reyns/reyns-base\nCOPY *.sh /prestartup/\n",
    "services/hangs/prestartup_hangs.sh": "#!/bin/sh\necho asking the void\nexec sleep 600\n",
    "reyns.ts": `import { project, ready, service } from "reyns";
project("crashing");
const image = "debian:bookworm-slim";
${crashes.map(line).join("\n")}
service("typo", { instance: "one", autorun: false, ready: ready.tcp(8000) });
service("hangs", { instance: "one", autorun: false });
service("stays", { instance: "one", image, init: true, command: ["sleep", "600"] });
service("open", { instance: "one", image, init: true, command: ["sleep", "600"], ready: ready.file("/etc/hostname") });
`,
  });
  await shop.must("build all");
});

afterAll(() => shop?.[Symbol.asyncDispose]());

/**
 * A busy Engine may report an exit more than a second late: the instance has stayed up for Reyns then, and is up to date
 * until the Engine says that it restarts.
 */
async function runUntilFailed(name: string): Promise<Output> {
  const limit = performance.now() + 60_000;
  for (;;) {
    const run = await shop.reyns(`run ${name} one`);
    if (run.status !== 0 || performance.now() > limit) return run;
  }
}

describe("run fails with the status and the last lines of what ends in the first second of its command", () => {
  for (const { name, status = 9, output = ["no"] } of crashes) {
    test(name, async () => {
      const run = await runUntilFailed(name);
      expect(run.stderr).toContain(
        `error ${name}-one: exited right after starting (status ${status})\n` +
          output.map((text) => `      | ${text}\n`).join(""),
      );
      expect(run.stderr).toContain(`or remove it: reyns clean ${name} one\n`);
      expect(run.stderr).not.toContain("safemode");
      expect(run).toMatchObject({ status: 1, stdout: "" });
      // Stopped, its restart policy notwithstanding; so that another run begins anew.
      const shown = (await shop.json(`ps all`)) as { service: string; state: string }[];
      expect(shown.find((one) => one.service === name)?.state).toBe("exited");
      expect((await runUntilFailed(name)).status).toBe(1);
    });
  }
});

test("run warns of an up-to-date instance that the Engine has restarted a moment ago", async () => {
  await using flaky = await createProject({
    "reyns.ts": `import { project, service } from "reyns";
project("flaky");
service("worker", { image: "debian:bookworm-slim", restart: "always", command: "sleep 4; exit 9" });
`,
  });
  expect((await flaky.reyns("run all")).stderr).toContain("✓ worker-one ready");
  const isRestarted = async (): Promise<boolean> => {
    const worker = (await inspectAll(flaky.folder)).get("worker-one");
    return worker !== undefined && worker.RestartCount > 2 && !worker.State.Restarting;
  };
  await until("the third restart", isRestarted);
  expect((await flaky.reyns("run all")).stderr).toMatch(
    /^warning worker-one: its restart policy restarted it (?:once,|\d+ times, last) (?:\d+ seconds?|less than a second) ago; see its log: reyns logs worker one$/m,
  );
});

test("run fails at the timeout of a prestartup script that hangs, and so does the next run", async () => {
  for (let call = 0; call < 2; call++) {
    const run = await shop.reyns("run hangs one timeout=2");
    expect(run.stderr).not.toContain("up to date");
    expect(run.stderr).toContain(
      "error hangs-one: not ready after 2 s, its prestartup scripts are still running\n",
    );
    expect(run).toMatchObject({ status: 1, stdout: "" });
  }
});

test("run names the programs that Supervisor cannot start when an instance is not ready", async () => {
  const { stderr, status } = await shop.reyns("run typo one timeout=3");
  expect(stderr).toContain(
    "error typo-one: not ready after 3 s, port 8000 does not accept connections\n",
  );
  expect(stderr).toMatch(/^ +\| .* WARN cannot start: web: can't find command 'pythn3'$/m);
  expect(stderr).toMatch(
    /typo-one is still running, but Supervisor cannot run its program web \((?:BACKOFF|FATAL): can't find command 'pythn3'\)/,
  );
  expect(stderr).toContain("reyns status typo\n");
  expect(stderr).not.toContain("allow more time");
  expect(status).toBe(1);
});

test("run warns of a program that Supervisor has given up by the time that its instance is ready", async () => {
  await using vain = await createProject({
    "services/web/Dockerfile":
      "FROM reyns/reyns-base\nRUN printf '[program:%s]\\ncommand = %s\\n' web pythn3 > /etc/supervisor/conf.d/x.conf\n",
    "reyns.ts": `import { project, ready, service } from "reyns";
project("given-up");
service("web", { ready: ready.command("supervisorctl status web | grep FATAL") });
`,
  });
  const { stderr, status } = await vain.reyns("run all");
  expect(stderr).toContain(
    "warning web-one: Supervisor cannot run its program web (FATAL: can't find command 'pythn3'); fix it, then check with: reyns status\n",
  );
  expect(status).toBe(0);
});

test("a program that Supervisor cannot start is named also when the former version runs again", async () => {
  const define = (program: string): string => `import { project, ready, service } from "reyns";
project("replaced-program");
service("web", { ready: ready.file("/run/up"), env: { PROGRAM: "${program}" } });
`;
  await using replaced = await createProject({
    "services/web/Dockerfile":
      "FROM reyns/reyns-base\nRUN printf '[program:web]\\ncommand = %%(ENV_PROGRAM)s\\n' > /etc/supervisor/conf.d/x.conf\n",
    "reyns.ts": define("sh -c 'touch /run/up; exec sleep 600'"),
  });
  await replaced.must("run all");
  await replaced.write({ "reyns.ts": define("pythn3") });
  const { stderr, status } = await replaced.reyns("run all timeout=4");
  expect(stderr).toMatch(
    /^ +Supervisor cannot run its program web \((?:BACKOFF|FATAL): can't find command 'pythn3'\)$/m,
  );
  expect(stderr).toContain("the former version of web-one runs again; fix the cause");
  expect(stderr).toContain("the new container of web-one was removed; its log: .reyns/failed/");
  expect(stderr).not.toContain("still running");
  expect(status).toBe(1);
});

test("an instance with a readiness check is ready before one that only has to stay up", async () => {
  const { stderr } = await shop.reyns("run all");
  const ready = [...stderr.matchAll(/^✓ (open|stays)-one ready/gm)].map(([, name]) => name);
  expect(ready).toEqual(["open", "stays"]);
});

test("run shows the end of the log of what was ready at once and has exited by its end", async () => {
  await using brief = await createProject({
    "compose.yaml": `services:
  brief:
    image: debian:bookworm-slim
    command: sh -c 'echo no license; sleep 1; exit 5'
  slow:
    image: debian:bookworm-slim
    init: true
    command: sh -c 'sleep 5; touch /up; exec sleep 600'
    healthcheck: { test: test -f /up, interval: 1s, retries: 60 }
  last:
    image: debian:bookworm-slim
    init: true
    command: sleep 600
    depends_on: { slow: { condition: service_healthy } }
`,
  });
  const { status, stderr } = await brief.reyns("up -d");
  expect(stderr).toContain(
    "error brief-1 became ready but has exited since (status 5)\n      | no license\n",
  );
  expect(status).toBe(1);
});

// run with attach: the output of all instances, and what ends them.
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { until } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { type Call, call } from "./support/reyns.ts";

setDefaultTimeout(240_000);

let shop: Project;
afterEach(() => shop?.[Symbol.asyncDispose]());

/** Says when it starts, and when it is told to stop; `quit` ends it. */
const talker = (name: string): string =>
  JSON.stringify(
    `trap "echo ${name} stops; exit 0" TERM; echo ${name} starts; while [ ! -e /quit ]; do sleep 0.1; done; exit 5`,
  );

async function define(more = ""): Promise<void> {
  shop = await createProject({
    "reyns.ts": `import { job, project, ready, service } from "reyns";
project("attach");
const settings = { image: "debian:bookworm-slim", ready: ready.started() };
const db = service("db", { ...settings, command: ["sh", "-c", ${talker("db")}] });
const web = service("web", { ...settings, after: [db], command: ["sh", "-c", ${talker("web")}] });
${more}`,
  });
}

async function stateOf(name: string): Promise<string | undefined> {
  const shown = (await shop.json("ps all")) as { service: string; state: string }[];
  return shown.find(({ service }) => service === name)?.state;
}

/** Whether a call has written all of these texts. */
const shows = (running: Call, ...texts: readonly string[]): boolean =>
  texts.every((text) => running.written().includes(text));

test("Ctrl-C stops what run attach has started, dependents first, and the output is complete", async () => {
  await define();
  const running = await call(shop.folder, "run all attach");
  await until("both", async () => shows(running, "db starts", "web starts", "✓ web-one ready"));
  running.interrupt();
  const { status, stdout, stderr } = await running.output;
  expect({ status, lines: stdout.split("\n") }).toEqual({
    status: 130,
    lines: [
      "db-one  | db starts",
      "web-one | web starts",
      "web-one | web stops",
      "db-one  | db stops",
      "",
    ],
  });
  expect(stderr).toContain("stopping; Ctrl-C again kills\n");
  expect([await stateOf("web"), await stateOf("db")]).toEqual(["exited", "exited"]);
});

test("a second Ctrl-C kills", async () => {
  await define(
    `service("deaf", { ...settings, stopGracePeriod: "50s", command: ["sh", "-c", "trap : TERM; echo deaf starts; while :; do sleep 1; done"] });`,
  );
  const running = await call(shop.folder, "run all attach");
  const all = ["db starts", "web starts", "deaf starts", "✓ web-one ready", "✓ deaf-one ready"];
  await until("all", async () => shows(running, ...all));
  running.interrupt();
  await until("the stop", async () => (await stateOf("db")) === "exited");
  // One that comes at once is the same interruption.
  await Bun.sleep(1000);
  running.interrupt();
  expect((await running.output).status).toBe(130);
  expect(await stateOf("deaf")).toBe("exited");
});

test("abort_on_exit ends all with the first, with its status, and shows what restarted ones print now only", async () => {
  await define();
  await shop.must("run all");
  await shop.must("stop web");
  // The Engine tells lines of before by their second.
  await Bun.sleep(2000);
  const running = await call(shop.folder, "run all abort_on_exit");
  await until("web", async () => shows(running, "web starts", "✓ web-one ready"));
  // It may end before this call has.
  await shop.reyns("shell web -- touch /quit");
  const { status, stdout, stderr } = await running.output;
  expect({ status, lines: stdout.split("\n") }).toEqual({
    status: 5,
    lines: ["web-one | web starts", "db-one  | db stops", ""],
  });
  expect(stderr).toContain("web-one has ended with status 5\nstopping the others\n");
  expect(await stateOf("db")).toBe("exited");
});

test("exit_code_from runs a job again, shows its output, stops the others, and exits with its status", async () => {
  await define(
    `job("tests", { image: "debian:bookworm-slim", after: [web], command: ["sh", "-c", "echo testing; sleep 1; exit $(cat /code)"], volumes: ["./code:/code"], env: { N: process.env.N ?? "" } });`,
  );
  await shop.write({ code: "0" });
  const passed = await shop.reyns("run all exit_code_from=tests");
  expect(passed).toMatchObject({ status: 0 });
  expect(passed.stdout).toContain("tests-one | testing\n");
  expect(await stateOf("db")).toBe("exited");
  const again = await shop.reyns("run all exit_code_from=tests");
  expect(again.status).toBe(0);
  expect(again.stdout).toContain("tests-one | testing\n");
  await shop.write({ code: "7" });
  const failed = await shop.reyns("run all exit_code_from=tests");
  expect(failed.status).toBe(7);
  expect(failed.stdout).toContain("tests-one | testing\n");
  expect(failed.stderr).toContain("error tests-one");
  expect(await stateOf("db")).toBe("exited");
});

test("attach ends with status 0 when nothing runs any more", async () => {
  await define();
  const running = await call(shop.folder, "run all attach");
  await until("both", async () => shows(running, "✓ db-one ready", "✓ web-one ready"));
  // They may end before these calls have.
  await shop.reyns("shell web -- touch /quit");
  await shop.reyns("shell db -- touch /quit");
  const { status, stderr } = await running.output;
  expect(status).toBe(0);
  expect(stderr).toContain("db-one has ended with status 5\n");
});

test("show, as up --attach, runs all and shows the output of one", async () => {
  await define();
  for (const line of ["run all show=web", "up --attach web"]) {
    const running = await call(shop.folder, line);
    await until("both", async () =>
      shows(running, "web starts", "✓ db-one ready", "✓ web-one ready"),
    );
    running.interrupt();
    const { status, stdout } = await running.output;
    expect(status).toBe(130);
    expect(stdout).not.toContain("db ");
    expect(await stateOf("db")).toBe("exited");
  }
  const { status, stderr } = await shop.reyns("run all show=wbe,bd");
  expect(status).toBe(2);
  expect(stderr).toContain('no service "wbe"');
  expect(stderr).toContain('no service "bd"');
});

test("attach is refused with json, and exit_code_from with a service that is none", async () => {
  await define();
  expect(await shop.reyns("run all attach json")).toMatchObject({ status: 2 });
  const { status, stderr } = await shop.reyns("run all exit_code_from=wbe");
  expect({ status, stderr }).toMatchObject({ status: 2 });
  expect(stderr).toContain('no service "wbe"');
});

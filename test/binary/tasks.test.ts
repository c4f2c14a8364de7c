import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createProject } from "./support/project.ts";
import { call } from "./support/reyns.ts";
import { openTerminal } from "./support/terminal.ts";
import { until } from "../engine/support/images-container.ts";

setDefaultTimeout(240_000);

const shop = await createProject({
  "reyns.ts": `import { service, task, question, path } from "reyns";
import { chalk } from "zx";
const db = service("db", { image: "debian:bookworm-slim", instance: "one", command: "trap exit TERM; sleep 1000 & wait" });
const web = { image: "debian:bookworm-slim", command: "trap exit TERM; sleep 1000 & wait" };
service("web", { ...web, instance: "one" });
service("web", { ...web, instance: "two" });
service("off", { ...web, instance: "one", autorun: false });
task("show", "Shows what it is given", async ({ exec, $, args }) => {
  await $\`echo host; echo host-err >&2\`;
  await exec(db, "hostname; echo db-err >&2");
  const { stdout } = await exec("web", "two", ["cat"], { input: "read", quiet: true });
  console.log(chalk.reset(stdout), args.name, path.basename(process.cwd()));
  return { name: args.name };
});
task("options", "Every option of exec", async ({ exec }) => {
  await exec(db, 'echo "$A $(id -un) $PWD"', { env: { A: "a" }, user: "nobody", workingDir: "/usr" });
});
task("fail", "Fails in an instance", async ({ exec }) => {
  await exec(db, "echo wrong >&2; exit 3");
});
task("several", "Names a service with two instances", async ({ exec }) => void (await exec("web", "ls")));
task("absent", "Names what is not there", async ({ exec }) => void (await exec("db", "tow", "ls")));
task("loose", "Forgets to await an instance", ({ exec }) => void exec(db, "echo late; exit 3"));
task("loose-host", "Forgets to await this host", ({ $ }) => void $\`exit 3\`);
task("ask", "Asks", async () => console.log("hello " + (await question("Who? "))));
task("slow", "Takes its time", async ({ $ }) => void (await $\`echo begun; ${Bun.which("sleep")} 314.${process.pid}\`));
task("inside", "Takes its time in an instance", async ({ exec }) => void (await exec(db, "sleep 271.${process.pid} & wait")));
`,
});
afterAll(() => shop[Symbol.asyncDispose]());
beforeAll(() => shop.must("run all"));

test("do without a name lists the tasks", async () => {
  const listed = await shop.must("do");
  expect(listed).toStartWith("TASK        DOES\nshow        Shows what it is given\n");
  const tasks = (await shop.json("do")) as object[];
  expect(tasks).toHaveLength(10);
  expect(tasks[0]).toEqual({ name: "show", description: "Shows what it is given" });
});

test("a task's output goes to the right stream, in every form of the call", async () => {
  await shop.write({ "sub/file": "" });
  for (const line of ["do show name=x", "do:show,name=x", "do show --name x"]) {
    const { status, stdout, stderr } = await shop.reyns(line);
    const folder = shop.folder.split("/").at(-1);
    expect(stdout).toBe(`host\ndb-one\nread x ${folder}\n`);
    expect(stderr).toContain("$ echo host");
    expect(stderr).toContain("host-err\n");
    expect(stderr).toContain("db-err\n");
    expect(status).toBe(0);
  }
});

test("do with json prints the returned value", async () => {
  expect(await shop.json("do show name=x")).toEqual({ task: "show", result: { name: "x" } });
});

test("exec takes a user, a folder and variables", async () => {
  expect(await shop.must("do options")).toBe("a nobody /usr");
});

const failures: [string, number, string][] = [
  ["do fail", 1, "wrong\nerror reyns.ts:19:9: db-one: echo wrong >&2; exit 3 exited with status 3"],
  [
    "do several",
    2,
    'error reyns.ts:21:87: "web" has 2 instances\n      name one of them: one, two',
  ],
  ["do absent", 2, 'no instance "tow" of db\n      accepted: one'],
  ["do loose", 1, "error reyns.ts:23:66: db-one: echo late; exit 3 exited with status 3"],
  ["do loose-host", 1, "error reyns.ts:24:66: a command of $ exited with status 3"],
  [
    "do to=12",
    2,
    "to is an argument for a task, but no task is named\n      write it as reyns do TASK to=12",
  ],
  ["do shwo", 2, 'error no task "shwo" in this project\n      did you mean "show"?'],
  ["do show x", 2, 'error unexpected argument "x"\n      did you mean x=true?'],
  ["do ask", 2, 'cannot ask "Who?": there is no terminal'],
];
test.each(failures)("%s ends with status %d and the reason", async (line, expected, why) => {
  const { status, stdout, stderr } = await shop.reyns(line);
  // Without the lines of the file that the place is shown by.
  expect(stderr.replaceAll(/^ +(\d+)? \|.*\n/gm, "")).toContain(why);
  const said = line === "do loose" ? "late\n" : "";
  expect({ status, stdout }).toEqual({ status: expected, stdout: said });
});

test("do warns of an argument that the task does not use", async () => {
  const { stderr } = await shop.reyns("do show nme=x");
  expect(stderr).toContain('warning task "show" did not use nme: is it misspelt?');
});

test.each([
  ["slow", `314.${process.pid}`],
  ["inside", `271.${process.pid}`],
])("Ctrl-C ends the task %s and its command with status 130", async (name, seconds) => {
  const going = await call(shop.folder, `do ${name}`);
  const isRunning = (): boolean =>
    Bun.spawnSync(["pgrep", "-f", `^\\S*sleep ${seconds}$`]).stdout.toString() !== "";
  await until("the command runs", async () => isRunning());
  going.interrupt();
  const { status, stderr } = await going.output;
  expect(stderr).toContain(`error task "${name}" was interrupted`);
  expect(status).toBe(130);
  await until("the command has ended", async () => !isRunning());
});

test("a task asks its question on a terminal", async () => {
  await using terminal = await openTerminal({ folder: shop.folder });
  await terminal.type("reyns do ask");
  await terminal.see(/Who\?$/);
  await terminal.type("Ann");
  await terminal.see(/hello Ann\n\[0\]\$$/);
  await terminal.type("reyns do ask");
  await terminal.see(/Who\?$/);
  await terminal.press("C-c");
  await terminal.see(/error cancelled\n\[130\]\$$/);
});

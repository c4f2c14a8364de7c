import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { until } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("shop");
const image = "debian:bookworm-slim";
const sleeper = { image, init: true, command: ["sleep", "600"], ready: ready.started() };
service("db", sleeper);
for (const instance of ["one", "two"]) service("web", { ...sleeper, instance });
`,
  });
  await shop.must("run all");
});

afterAll(() => shop?.[Symbol.asyncDispose]());

/** A call, and after its `#` the line that a shell inside runs. */
function callOf(text: string): string[] {
  const [call = "", line] = text.split(" # ");
  return [...call.split(" "), ...(line === undefined ? [] : [line])];
}

test.each([
  ["shell db -u nobody -w /tmp -e A=1 -e B=2 -- # echo $(id -un) $PWD $A $B", "nobody /tmp 1 2"],
  ["shell db user=daemon:daemon workdir=/var env=A=x -- # echo $(id -un) $PWD $A", "daemon /var x"],
  ["exec -u nobody db id -un", "nobody"],
  ["exec -T -w /tmp -e A=1 db sh -c # pwd; echo $A", "/tmp\n1"],
  ["exec db echo -n -U x=y -- z", "-U x=y -- z"],
  ["exec web two hostname", "web-two"],
  ["exec web two -- hostname", "web-two"],
])("%s", async (call, output) => {
  const { status, stdout, stderr } = await shop.reyns(callOf(call));
  expect({ status, stdout: stdout.trimEnd(), stderr }).toEqual({
    status: 0,
    stdout: output,
    stderr: "",
  });
});

test("the settings count for json, too, and the status is the command's own", async () => {
  const { status, stdout } = await shop.reyns(
    callOf("shell db user=nobody json -- # id -un; exit 3"),
  );
  expect(JSON.parse(stdout)).toEqual({ stdout: "nobody\n", stderr: "", exitCode: 3, exit_code: 3 });
  expect(status).toBe(3);
  expect((await shop.reyns(callOf("exec db sh -c # exit 4"))).status).toBe(4);
});

test.each([
  ["shell db ls", "if it is a command: reyns shell db -- ls\n"],
  ["shell db ls /tmp", 'write a command after "--": reyns shell SERVICE -- COMMAND\n'],
  ["ssh db ls", "if it is a command: reyns ssh db -- ls\n"],
  ["shell web -- ls", '"web" has 2 instances'],
  ["exec --index 3 web ls", 'no instance "3" of web'],
  ["shell db env=A", "write env=NAME=VALUE, or -e NAME=VALUE\n"],
])("%s is answered", async (call, answer) => {
  const { status, stderr } = await shop.reyns(call);
  expect(stderr).toContain(answer);
  expect(status).toBe(2);
});

test("the number of an instance that is not there is taken for a command", async () => {
  const { status, stderr } = await shop.reyns("shell db 2");
  expect(stderr).toContain('no instance "2" of db');
  expect(stderr).not.toContain("if it is a command");
  expect(status).toBe(2);
});

test("detach leaves a command running, with the settings that it was given", async () => {
  const line = "sleep 1; id -un >/tmp/detached; sleep 1; pwd >>/tmp/detached";
  const started = await shop.reyns(["shell", "db", "-d", "-u", "nobody", "-w", "/var", "--", line]);
  expect(started).toEqual({ status: 0, stdout: "", stderr: "started in db-one\n" });
  const read = (): Promise<string> =>
    shop.must(["shell", "db", "--", "cat /tmp/detached 2>&1 || :"]);
  await until("its end", async () => (await read()) === "nobody\n/var");
  expect(await shop.reyns("shell db detach")).toMatchObject({ status: 2 });
});

test("privileged gives a command rights that the instance has not", async () => {
  const line = "grep CapEff /proc/self/status";
  const usual = await shop.must(["shell", "db", "--", line]);
  const all = await shop.reyns(["exec", "--privileged", "db", "sh", "-c", line]);
  // An Engine that runs in a container itself has not all rights to give.
  if (all.status !== 0) return expect(all.stdout + all.stderr).toContain("unable to apply caps");
  // All that the Engine has, which need not be all that the kernel knows.
  const rights = (text: string): bigint => BigInt(`0x${/CapEff:\s*([\da-f]+)/.exec(text)?.[1]}`);
  expect(rights(all.stdout) & rights(usual)).toBe(rights(usual));
  const sysAdmin = 1n << 21n;
  expect([rights(usual) & sysAdmin, rights(all.stdout) & sysAdmin]).toEqual([0n, sysAdmin]);
});

import { describe, expect, test } from "bun:test";
import { readExtraArgs, type ExtraArgs } from "../../src/plan/describe/docker-run-args.ts";
import { projectOf, plan, startOf } from "./support/planning.ts";
import { errorsIn, thrownBy } from "./support/project-folder.ts";

const at = { file: "/shop/default.conf", line: 3, column: 5 };
const read = (text: string): ExtraArgs => readExtraArgs(text, at);

describe("options of docker run, in its own words", () => {
  const runtime: [string, Partial<ExtraArgs["runtime"]>][] = [
    ["--cap-add NET_ADMIN --cap-add=SYS_TIME", { capAdd: ["NET_ADMIN", "SYS_TIME"] }],
    ["--cap-drop ALL", { capDrop: ["ALL"] }],
    ["-m 512m", { memLimit: 536_870_912 }],
    ["-m512m", { memLimit: 536_870_912 }],
    ["--memory=1.5G", { memLimit: 1_610_612_736 }],
    ["--memory 67108864", { memLimit: 67_108_864 }],
    ["--memory 8192kb", { memLimit: 8_388_608 }],
    ["--shm-size 64m", { shmSize: 67_108_864 }],
    ["--cpus 0.5", { cpus: 0.5 }],
    ["--device /dev/fuse --device /dev/a:/dev/b:r", { devices: ["/dev/fuse", "/dev/a:/dev/b:r"] }],
    ["--ulimit nofile=1024:2048", { ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }] }],
    ["--ulimit core=-1", { ulimits: [{ name: "core", soft: -1, hard: -1 }] }],
    ["--tmpfs /run:size=1m --tmpfs /x", { tmpfs: { "/run": "size=1m", "/x": "" } }],
    ["--sysctl net.core.somaxconn=9", { sysctls: { "net.core.somaxconn": "9" } }],
    ["--restart on-failure:3", { restart: "on-failure:3" }],
    ["--security-opt seccomp=unconfined", { securityOpt: ["seccomp=unconfined"] }],
    ["-u 1:2 -w /x --init --read-only", { user: "1:2", workingDir: "/x", init: true }],
    ["--stop-signal SIGINT --stop-timeout 3", { stopSignal: "SIGINT", stopGracePeriod: 3 }],
    ["--log-driver none --log-opt a=b=c", { logDriver: "none", logOptions: { a: "b=c" } }],
  ];
  test.each(runtime)("%s", (text, expected) => {
    expect(read(text).runtime).toMatchObject(expected);
  });

  const beside: [string, Partial<ExtraArgs>][] = [
    [`-e A=1 --env 'B=two words' -e C="x=y"`, { env: { A: "1", B: "two words", C: "x=y" } }],
    ["-v /a:/b:ro --volume c:/d", { volumes: ["/a:/b:ro", "c:/d"] }],
    ["--add-host db:10.0.0.1", { hosts: [{ name: "db", address: "10.0.0.1" }] }],
    ["-l a=b --label c", { labels: { a: "b", c: "" } }],
    ["--privileged -h box", { privileged: true, hostname: "box" }],
    ["-p 80", { ports: [{ container: 80, host: 80, protocol: "tcp", ip: "" }] }],
    ["-p 8080:80/udp", { ports: [{ container: 80, host: 8080, protocol: "udp", ip: "" }] }],
    [
      "-p 127.0.0.1:8080:80",
      { ports: [{ container: 80, host: 8080, protocol: "tcp", ip: "127.0.0.1" }] },
    ],
  ];
  test.each(beside)("%s", (text, expected) => {
    expect(read(text)).toMatchObject(expected);
  });

  test("none, and several at once", () => {
    expect(read("")).toEqual(readExtraArgs(undefined, at));
    expect(read(" --init   -m\t1g\n-e A=1 ")).toMatchObject({
      env: { A: "1" },
      runtime: { init: true, memLimit: 1024 ** 3 },
    });
  });
});

describe("what makes no sense is refused at its place", () => {
  const wrong: [string, string, string][] = [
    ["--gpus all", "--gpus is not supported", "accepted: --add-host"],
    ["--memroy 1g", "--memroy is not supported", 'did you mean "--memory"?'],
    ["-x", "-x is not supported", "accepted: --add-host"],
    ["--memory lots", '--memory is "lots"', "512m"],
    ["--memory -1", "--memory", ""],
    ["--memory 12", '--memory is "12"', "at least 6 MB"],
    ["--stop-signal SIGFOO", '--stop-signal is "SIGFOO"', "SIGTERM"],
    ["--ulimit nofile=2:1", '--ulimit is "nofile=2:1"', "nofile=1024:2048"],
    ["--cpus none", '--cpus is "none"', "a number above 0"],
    ["--cpus 0", '--cpus is "0"', "a number above 0"],
    ["--ulimit nofile", '--ulimit is "nofile"', "nofile=1024:2048"],
    ["-p 1-2:80-82", '--publish is "1-2:80-82"', "8080:80"],
    ["-p 70000", '--publish is "70000"', "8080:80"],
    ["-p web", '--publish is "web"', "8080:80"],
    ["--add-host db", '--add-host is "db"', "NAME:ADDRESS"],
    ["--init=yes", "--init", ""],
    ["--memory", "--memory", ""],
    ["image command", "image", ""],
  ];
  test.each(wrong)("%s", (text, message, hint) => {
    const [error, ...more] = thrownBy(() => read(text));
    expect(more).toEqual([]);
    expect([error?.code, error?.at]).toEqual(["INVALID_PROJECT", at]);
    expect(error?.message).toStartWith("extra_args: ");
    expect(error?.message).toContain(message);
    expect(error?.hint).toContain(hint);
  });

  test("in every instance that has one, all at once", () => {
    const instances = ["one", "two"].map((instance) => ({
      service: "web",
      instance,
      extraArgs: "--gpus all",
    }));
    expect(thrownBy(() => plan(projectOf(instances)))).toHaveLength(2);
    expect(errorsIn(undefined)).toEqual([]);
  });
});

test("what they add is in the container, beside what the instance has itself", () => {
  const project = projectOf([
    {
      service: "web",
      extraArgs: "-e A=extra -e B=extra -p 81:80 -v x:/x -l team=a",
      env: { A: { kind: "text", text: "own" } },
      volumes: ["y:/y"],
    },
  ]);
  const { spec } = startOf(plan(project).steps, "web-one");
  expect(spec.env).toMatchObject({ A: "own", B: "extra" });
  expect(spec.mounts.map(({ target }) => target)).toEqual(
    expect.arrayContaining(["/x", "/y"]) as string[],
  );
  expect(spec.ports).toEqual([{ container: 80, host: 81, protocol: "tcp", ip: "" }]);
  // Labels say what is ours: nothing may forge them.
  expect(spec.labels).toMatchObject({ team: "a", "io.reyns.service": "web" });
});

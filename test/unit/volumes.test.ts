import { describe, expect, test } from "bun:test";
import { homedir } from "node:os";
import { createOptions } from "../../src/docker/containers/create-options.ts";
import { containerNameOf, imageVolumeNameOf, scopeOf } from "../../src/model/resource-names.ts";
import { plan, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const header = 'import { service, volume } from "reyns";\n';

/** The request for the container of a service with these mounts, without the project's keys. */
async function requestOf(volumes: string, before = "") {
  await using folder = await projectFolder({
    "reyns.ts": `${header}${before}\nservice("web", { image: "i", volumes: ${volumes} });\n`,
  });
  const project = await folder.read();
  const { spec, folders } = startOf(plan(project).steps, "web-one");
  const { Mounts = [], Binds = [] } = createOptions(spec).HostConfig ?? {};
  return { project, folders, mounts: Mounts, binds: Binds };
}

async function mistakesOf(volumes: string, before = ""): Promise<string[]> {
  await using folder = await projectFolder({
    "reyns.ts": `${header}${before}\nservice("web", { image: "i", volumes: ${volumes} });\n`,
  });
  return await folder.mistakes();
}

describe("mounts in parts", () => {
  test("a folder, with propagation", async () => {
    const { project, mounts } = await requestOf(
      `[{ type: "bind", source: "./x", target: "/x", readOnly: true, bind: { propagation: "rslave" } }]`,
    );
    expect(mounts as object[]).toEqual([
      {
        Type: "bind",
        Source: `${project.folder}/x`,
        Target: "/x",
        ReadOnly: true,
        BindOptions: { Propagation: "rslave" },
      },
    ]);
  });

  test.each([
    ["disabled", "NonRecursive"],
    ["writable", "ReadOnlyNonRecursive"],
    ["readonly", "ReadOnlyForceRecursive"],
  ])("a folder with recursive: %s", async (recursive, option) => {
    const { mounts, binds } = await requestOf(
      `[{ type: "bind", source: "./x", target: "/x", readOnly: true, bind: { recursive: "${recursive}" } }]`,
    );
    expect(mounts as object[]).toMatchObject([{ BindOptions: { [option]: true } }]);
    expect(binds).toEqual([]);
  });

  test.each([
    ['recursive: "readonly"', "readOnly: true beside recursive"],
    ['recursive: "disabled", selinux: "z"', "either selinux or recursive"],
    ['recursive: "no"', '"enabled" or "disabled" or "writable" or "readonly"'],
  ])("bind: { %s } is a mistake", async (options, accepted) => {
    const [mistake, ...more] = await mistakesOf(
      `[{ type: "bind", source: "./x", target: "/x", bind: { ${options} } }]`,
    );
    expect(mistake).toContain(accepted);
    expect(more).toEqual([]);
  });

  test("createHostPath decides whether a missing folder is made", async () => {
    const bind = (path: string, make: boolean): string =>
      `[{ type: "bind", source: "${path}", target: "/x", bind: { createHostPath: ${make} } }]`;
    const made = await requestOf(bind("/srv/x", true));
    expect([made.mounts, made.binds]).toEqual([[], ["/srv/x:/x"]]);
    expect((await requestOf(bind("./x", false))).folders).toEqual([]);
    expect((await requestOf(`["./x:/x"]`)).folders).toHaveLength(1);
  });

  test("a volume, by name, by handle and without either", async () => {
    const { project, mounts } = await requestOf(
      `[{ type: "volume", source: "a", target: "/a", volume: { nocopy: true, subpath: "b" } },
        { type: "volume", source: data, target: "/b" }, { type: "volume", target: "/c" }]`,
      'const data = volume("data");',
    );
    const scope = scopeOf(project);
    const unnamed = imageVolumeNameOf(containerNameOf(project, "web-one"), "/c");
    expect(mounts.map(({ Source }) => Source)).toEqual([`${scope}-a`, `${scope}-data`, unnamed]);
    expect(mounts[0]?.VolumeOptions as object).toMatchObject({ NoCopy: true, Subpath: "b" });
  });

  test("a folder in memory", async () => {
    const { mounts } = await requestOf(
      `[{ type: "tmpfs", target: "/run", tmpfs: { size: "1m", mode: 0o700 } }]`,
    );
    expect(mounts).toMatchObject([
      { Type: "tmpfs", Target: "/run", TmpfsOptions: { SizeBytes: 1_048_576, Mode: 0o700 } },
    ]);
  });
});

describe("short forms", () => {
  test("a path alone is a volume that the instance keeps", async () => {
    const { project, mounts } = await requestOf('["/var/lib/data"]');
    const name = imageVolumeNameOf(containerNameOf(project, "web-one"), "/var/lib/data");
    expect(mounts).toMatchObject([{ Type: "volume", Source: name, Target: "/var/lib/data" }]);
  });

  test("~ is the home of the caller", async () => {
    const { mounts } = await requestOf('["~/.ssh:/ssh:ro", "~:/home"]');
    expect(mounts.map(({ Source }) => Source)).toEqual([`${homedir()}/.ssh`, homedir()]);
  });
});

describe("volume()", () => {
  const options = async (declared: string) => {
    const { project, mounts } = await requestOf('["data:/x"]', `volume("data", ${declared});`);
    const [mount] = mounts;
    return { scope: scopeOf(project), source: mount?.Source, volume: mount?.VolumeOptions };
  };

  test("an external one has its own name, no owner and any driver", async () => {
    expect((await options("{ external: true }")).source).toBe("data");
    const { source, volume } = await options('{ external: true, name: "shop_data" }');
    expect(source).toBe("shop_data");
    expect(volume).not.toHaveProperty("DriverConfig");
  });

  test("name, driver, its options and labels", async () => {
    const { source, volume } = await options(
      `{ name: "own", driver: "nfs", driverOpts: { addr: 1 }, labels: { team: "a" } }`,
    );
    expect(source).toBe("own");
    expect(volume).toMatchObject({
      DriverConfig: { Name: "nfs", Options: { addr: "1" } },
      Labels: { team: "a", "io.reyns.project": expect.any(String) },
    });
    const { scope, source: standard } = await options("{}");
    expect(standard).toBe(`${scope}-data`);
  });
});

describe("mistakes at their places", () => {
  test.each([
    [`[{ type: "bind", target: "/x" }]`, "", '"volumes.source" is missing'],
    [`[{ type: "npipe", target: "/x" }]`, "", 'volumes.type is "npipe"'],
    [`[{ type: "bind", source: ".", target: "x" }]`, "", 'volumes.target is "x"'],
    [`[{ type: "bind", source: ".", target: "/x", read_only: true }]`, "", "read_only"],
    ["[3]", "", "volumes is 3"],
    ["[]", 'volume("data", { externl: true });', 'unknown key "externl"'],
    ["[]", 'volume("a b");', 'volume() got the name "a b"'],
    ["[]", 'volume("a"); volume("a");', 'the volume "a" is declared twice'],
  ])("%s %s", async (volumes, before, message) => {
    const [mistake, ...more] = await mistakesOf(volumes, before);
    expect(mistake).toContain(message);
    expect(mistake).toMatch(/^reyns.ts:[23]:\d+ /);
    expect(more).toEqual([]);
  });
});

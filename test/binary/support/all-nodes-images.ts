import { expect, test } from "bun:test";
import { join } from "node:path";
import { on } from "./machines.ts";
import { idsOfImage, type TwoMachines } from "./two-machines.ts";

/** The tests of all-nodes.test.ts about images: they go on with its machines, once everything runs there. */
export function testImages(machines: () => TwoMachines): void {
  test("a new image is built once, sent, and used", async () => {
    const { first, second, setVersion } = machines();
    await setVersion("2");
    const { status, stderr } = await first.reyns("run all build=true");
    expect(status).toBe(0);
    expect(stderr).toMatch(/second: \S+\/shell sent [\d.]+ kB, 1 of \d+ layers, from first /);
    expect(await first.must(["shell", "shell", "--", "cat /version"])).toBe("2");
    expect((await first.reyns("rerun shell")).stderr).toContain("second: shell-one ready");
    expect(await idsOfImage(first)).toBe(await idsOfImage(second));
  });

  test("build sends what the other machine runs, and rollback goes back there", async () => {
    const { first, second, setVersion } = machines();
    await setVersion("3");
    const { stderr } = await first.reyns("build all");
    expect(stderr).toMatch(/first: \S+\/shell built/);
    expect(stderr).toMatch(/second: \S+\/shell sent /);
    expect(await idsOfImage(first)).toBe(await idsOfImage(second));
    await first.must("run all");
    expect(await first.must(["shell", "shell", "--", "cat /version"])).toBe("3");
    expect((await first.reyns("rollback shell")).stderr).toContain("second: shell-one ready");
    expect(await first.must(["shell", "shell", "--", "cat /version"])).toBe("2");
    await first.must("run all");
    expect(await first.must(["shell", "shell", "--", "cat /version"])).toBe("3");
  });

  test("nothing is built without the first machine, and its images stay the project's", async () => {
    const { first, second, setVersion } = machines();
    const hostConf = Bun.file(join(first.folder, "host.conf"));
    const kept = (await hostConf.exists()) ? await hostConf.text() : "{}";
    const before = await idsOfImage(second);
    const away = { endpoint: "unix:///nowhere/docker.sock", address: first.address };
    await hostConf.write(JSON.stringify({ ...JSON.parse(kept), nodes: { first: away } }));
    await setVersion("other");
    for (const call of ["run all build=true", "build all"]) {
      for (const without of ["partial=true", "node=second"]) {
        const { status, stderr } = await first.reyns(`${call} ${without}`);
        expect(status).not.toBe(0);
        expect(stderr).toContain("without first: only the first node builds and pushes");
      }
    }
    expect((await first.reyns("run all partial=true")).stderr).toContain("up to date: shell-one");
    expect((await first.reyns("doctor")).stdout).not.toMatch(/second: images|not the same image/);
    await setVersion("3");
    await hostConf.write(kept);
    expect(await idsOfImage(second)).toBe(before);
    const { stderr } = await first.reyns("run all");
    expect(stderr).toContain("up to date: reyns-dns-main, web-one, shell-one, talk-one");
  });

  test("doctor looks at all machines, and names an image that is another one there", async () => {
    const { first, second } = machines();
    const name = await on(
      second,
      "images",
      "--format",
      "{{.Repository}}:{{.Tag}}",
      "*/shell:latest",
    );
    await on(second, "tag", "reyns/reyns-base", name);
    const found = await first.reyns("doctor");
    expect(found.stdout).toMatch(
      /^! images +\S+\/shell is not the same image on first and second$/m,
    );
    expect(found.stdout).toMatch(/^\S second: engine +Docker /m);
    await first.must("build all");
    expect((await first.reyns("doctor")).stdout).not.toContain("is not the same image");
  });
}

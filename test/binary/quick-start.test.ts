import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listOwned, type Project, projectIn } from "./support/project.ts";
import { openTerminal, type Terminal } from "./support/terminal.ts";

// The first run on a machine builds the base images.
setDefaultTimeout(300_000);

const forms = [
  {
    form: "the older form",
    build: "reyns build:all",
    run: "reyns run:all",
    ssh: "reyns ssh:demo,instance=two",
    clean: "reyns clean:all",
  },
  {
    form: "the plain form",
    build: "reyns build all",
    run: "reyns run all",
    ssh: "reyns ssh demo two",
    clean: "reyns clean all",
  },
];

for (const { form, build, run, ssh, clean } of forms) {
  test(`the quick start, word by word, in ${form}`, async () => {
    const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
    await using terminal = await openTerminal({ folder: outer });
    const installed = await terminal.run("reyns install_demo");
    expect(installed).toStartWith("Demo installed.");
    await using demo = projectIn(join(outer, "reyns-demo"), { outer });
    expect(await terminal.run("ls")).toBe("reyns-demo");

    await terminal.run("cd reyns-demo");
    expect(await terminal.run(build)).toContain("reyns-demo/demo is built");
    expect(await terminal.run(run)).toContain("demo-two ready");
    const listed = await terminal.run("reyns ps");
    expect(listed).toMatch(/^SERVICE +INSTANCE +STATE/);
    for (const row of [
      /^demo +one +running/m,
      /^demo +two +running/m,
      /^reyns-dns +main +running/m,
    ])
      expect(listed).toMatch(row);

    await pingFromInside(terminal, ssh);
    await cleanAfterQuestion(terminal, demo, clean);
  });
}

async function pingFromInside(terminal: Terminal, ssh: string): Promise<void> {
  await terminal.type(ssh);
  await terminal.see("reyns@demo-two:~$");
  await terminal.type("ping -c 1 demo-one");
  await terminal.see(/1 packets transmitted, 1 received, 0% packet loss/);
  await terminal.type("exit");
  await terminal.see(/\n\[0\]\$$/);
}

async function cleanAfterQuestion(terminal: Terminal, demo: Project, clean: string): Promise<void> {
  await terminal.type(clean);
  const question = await terminal.see("Stop and remove these 3 instances?");
  expect(question).toMatch(/demo +one .*\n.*demo +two .*\n.*reyns-dns +main /);
  expect(await listOwned(demo.folder)).toHaveLength(4);
  await terminal.press("y");
  await terminal.see(/network removed.*\n\[0\]\$$/);
  expect(await listOwned(demo.folder)).toEqual([]);
}

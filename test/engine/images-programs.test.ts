// What the log of an instance says of the programs that Supervisor runs.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { provideBaseImages } from "./support/base-images.ts";
import { temporaryFolder, until, untilLogged } from "./support/images-container.ts";
import { type Keys, makeKeys, startService } from "./support/images-keys.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

let keys: Keys;

beforeAll(async () => {
  await provideBaseImages();
  keys = await makeKeys();
}, 300_000);

afterAll(() => keys?.[Symbol.asyncDispose]());

test("a program that cannot start, or gives up, is in the log, and healthy ones are not", async () => {
  await using folder = await temporaryFolder();
  const conf = join(folder.path, "more.conf");
  await Bun.write(
    conf,
    `[program:typo]\ncommand = pythn3 -u\n
[program:ends]\ncommand = sh -c "exit 3"\nstartretries = 1\n
[program:once]\ncommand = true\nstartsecs = 0\nautorestart = false\n
[program:fine]\ncommand = sleep infinity\n`,
  );
  const mounts = { [conf]: "/etc/supervisor/conf.d/more.conf" };
  await using container = await startService(keys, { mounts });
  await untilLogged(container, "gave up: ends is FATAL: Exited too quickly");
  await untilLogged(container, "gave up: typo is FATAL: can't find command 'pythn3'");
  const log = await container.logs();
  expect(log).toContain("WARN cannot start: typo: can't find command 'pythn3'\n");
  expect(log).not.toMatch(/once|fine|sshd|INFO|CRIT/);
  const states = async () => (await container.exec("supervisorctl", "status")).stdout;
  await until("the others", async () => /^fine +RUNNING/m.test(await states()));
  expect(await states()).toMatch(/^typo +FATAL +can't find command 'pythn3'$/m);
});

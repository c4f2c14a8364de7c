import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { buildImage, imageName, must } from "./support/images-container.ts";

setDefaultTimeout(60_000);

beforeAll(() => buildImage("common"), 300_000);

/** Forks as Supervisor does, and stops the child in the time in which it is not its program yet. */
const script = `
import os, runpy, signal, time
from supervisor import options, supervisord
supervisord.main = lambda words: None
runpy.run_path("/usr/local/bin/supervisord")
signal.signal(signal.SIGTERM, lambda number, frame: None)
pid = options.ServerOptions.fork(None)
if pid == 0:
    time.sleep(5)
    os._exit(0)
os.kill(pid, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

test("a program that is stopped before it has begun ends, and holds no stop back for ten seconds", async () => {
  const words = ["docker", "run", "--rm", "--entrypoint", "python3"];
  expect(await must(...words, imageName("common"), "-c", script)).toBe("-15");
});

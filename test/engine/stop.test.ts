import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { imageName, provideBaseImages } from "./support/base-images.ts";
import { must } from "./support/images-container.ts";

setDefaultTimeout(240_000);

beforeAll(provideBaseImages, 300_000);

/** Loads the image's supervisord without starting it. */
const load = `
import os, runpy, signal, time, types
from supervisor import options, poller, supervisord
from supervisor.states import SupervisorStates
supervisord.main = lambda words: None
runpy.run_path("/usr/local/bin/supervisord")
`;

/** Runs a Python program in the image. */
async function python(program: string): Promise<string> {
  const words = ["docker", "run", "--rm", "--entrypoint", "python3"];
  return must(...words, imageName("common"), "-c", load + program);
}

/** Forks as Supervisor does, and stops the child in the time in which it is not its program yet. */
const stopsChild = `
signal.signal(signal.SIGTERM, lambda number, frame: None)
pid = options.ServerOptions.fork(None)
if pid == 0:
    time.sleep(5)
    os._exit(0)
os.kill(pid, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

test("a program that is stopped before it has begun ends at once", async () => {
  expect(await python(stopsChild)).toBe("-15");
});

/** Waits for an hour in each turn of the main loop, unless something ends it. */
const turns = `
signal.signal(signal.SIGTERM, lambda number, frame: print("signal"))
settings = types.SimpleNamespace(mood=SupervisorStates.RUNNING)
def turn(loop, what):
    loop.poll(3600)
    print(what)
for start in ["start", "reload"]:
    loop = poller.Poller(settings)
    turn(loop, start)
    os.kill(os.getpid(), signal.SIGTERM)
    turn(loop, "turn")
    settings.mood = SupervisorStates.SHUTDOWN
    turn(loop, "stopping")
    settings.mood = SupervisorStates.RUNNING
    loop.close()
`;

test("the main loop waits neither before its first turn, nor when a signal comes, nor while it stops", async () => {
  const once = ["signal", "turn", "stopping"];
  expect((await python(turns)).split("\n")).toEqual(["start", ...once, "reload", ...once]);
});

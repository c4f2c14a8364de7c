import { expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "../engine/support/images-container.ts";
import { connectEngine } from "../../src/docker/client/connect.ts";
import { startContainer } from "../../src/docker/containers/containers.ts";
import { attachTerminal } from "../../src/docker/streams/terminal.ts";
import { whenEnded } from "../../src/docker/streams/stream-end.ts";

setDefaultTimeout(240_000);

test("output of a container that ended long ago is not lost when its reader is late", async () => {
  const engine = await connectEngine({}, {});
  const words = ["create", "--rm", "debian:bookworm-slim", "echo", "late"];
  const id = await must("docker", ...words);
  const terminal = await attachTerminal(engine, id, "pipes");
  await startContainer(engine, id);
  expect(await terminal.exitStatus()).toBe(0);
  await until(
    "its removal",
    async () => !(await must("docker", "ps", "-aq", "--no-trunc")).includes(id),
  );
  // Longer than a silent stream of a container that is gone stays open.
  await Bun.sleep(3000);
  const { stdout, stderr } = terminal.split();
  stderr.resume();
  expect(Buffer.concat(await Array.fromAsync(stdout)).toString()).toBe("late\n");
  // It is over, which whoever asks now learns as well.
  await whenEnded(terminal.stream);
});

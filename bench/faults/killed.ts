import { call } from "../../test/binary/support/reyns.ts";
import { inspectAll } from "../../test/binary/support/engine.ts";
import { createProject, listOwned } from "../../test/binary/support/project.ts";
import type { Fault, Finding } from "./fault.ts";

const image = "debian:bookworm-slim";
const moments = 20;

/** Kills run and clean in turn, each at another moment; the same again has to come to its end. */
async function ours(): Promise<Finding> {
  await using project = await createProject({
    "reyns.ts": `import { ready, service } from "reyns";
const sleeps = { image: "${image}", init: true, command: "sleep 999", ready: ready.file("/etc/hostname") };
const db = service("db", { ...sleeps, instance: "one", volumes: { data: "/data" } });
for (const instance of ["one", "two"]) service("web", { ...sleeps, instance, after: [db] });
`,
  });
  await project.must("run all");
  let wrong = 0;
  for (let moment = 0; moment < moments; moment += 1) {
    for (const line of ["clean all force", "run all"]) {
      const going = await call(project.folder, line);
      await Bun.sleep((moment / moments) * 2000 + Math.random() * 100);
      going.kill("SIGKILL");
      await going.output;
      const { status } = await project.reyns(line);
      const left = (await listOwned(project.folder)).length;
      const running = [...(await inspectAll(project.folder)).values()];
      const isRight =
        line === "run all" ? left === 4 && running.every(({ State }) => State.Running) : left === 0;
      if (status !== 0 || !isRight) wrong += 1;
    }
  }
  const words = `${moments * 2 - wrong} of ${moments * 2} times the same again came to its end, nothing twice, nothing left`;
  return { ok: wrong === 0, words };
}

export const killed: Fault = { name: `kill -9 of run and clean at ${moments} moments each`, ours };

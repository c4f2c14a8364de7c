import { createProject, listOwned } from "../../test/binary/support/project.ts";
import { composeProject } from "./compose-project.ts";
import type { Fault, Finding } from "./fault.ts";

const image = "debian:bookworm-slim";
const racers = 5;
const times = 3;

async function ours(): Promise<Finding> {
  await using project = await createProject({
    "reyns.ts": `import { ready, service } from "reyns";
for (const instance of ["one", "two"])
  service("web", { image: "${image}", instance, init: true, command: "sleep 999", ready: ready.file("/etc/hostname") });
`,
  });
  let [failed, extra] = [0, 0];
  for (let time = 0; time < times; time += 1) {
    const calls = Array.from({ length: racers }, () => project.reyns("run all"));
    const ended = await Promise.all(calls);
    failed += ended.filter(({ status }) => status !== 0).length;
    // Two containers and one network.
    extra += (await listOwned(project.folder)).length - 3;
    await project.must("clean all force");
  }
  return verdict(failed, extra);
}

async function theirs(executable: string): Promise<Finding> {
  const yaml = `services:
  one: { image: "${image}", init: true, command: sleep 999 }
  two: { image: "${image}", init: true, command: sleep 999 }
`;
  await using project = await composeProject(executable, yaml);
  let [failed, extra] = [0, 0];
  for (let time = 0; time < times; time += 1) {
    const calls = Array.from({ length: racers }, () => project.compose("up -d"));
    failed += (await Promise.all(calls)).filter(({ status }) => status !== 0).length;
    extra += (await project.listOwned()).length - 3;
    await project.compose("down --timeout 0");
  }
  return verdict(failed, extra);
}

function verdict(failed: number, extra: number): Finding {
  const things =
    extra === 0 ? "nothing twice, nothing missing" : `${extra} things too many (or missing)`;
  const words = `${failed} of ${racers * times} calls failed; ${things}`;
  return { ok: failed === 0 && extra === 0, words };
}

export const atOnce: Fault = { name: `${racers} run all at once, ${times} times`, ours, theirs };

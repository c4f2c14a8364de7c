import { createProject } from "../../test/binary/support/project.ts";
import { composeProject } from "./compose-project.ts";
import type { Fault, Finding } from "./fault.ts";

const image = "debian:bookworm-slim";

async function ours(): Promise<Finding> {
  await using project = await createProject({
    "reyns.ts": `import { service } from "reyns";
service("web", { image: "${image}", instance: "one", restart: "always", command: "echo why; sleep 0.5; exit 9" });
`,
  });
  const { status, stderr } = await project.reyns("run all");
  return verdict(status, stderr);
}

async function theirs(executable: string): Promise<Finding> {
  const yaml = `services:
  web: { image: "${image}", restart: always, command: ["sh", "-c", "echo why; sleep 0.5; exit 9"] }
`;
  await using project = await composeProject(executable, yaml);
  const { status, stdout, stderr } = await project.compose("up -d --wait");
  return verdict(status, stdout + stderr);
}

function verdict(status: number, said: string): Finding {
  const names = said.includes("status 9")
    ? "the exit status is told"
    : "the exit status is not told";
  const shows = said.includes("why") ? "its last lines are shown" : "its last lines are not shown";
  return {
    ok: status === 1 && said.includes("why"),
    words: `status ${status}; ${names}; ${shows}`,
  };
}

export const crashLoop: Fault = { name: "an instance ends again and again", ours, theirs };

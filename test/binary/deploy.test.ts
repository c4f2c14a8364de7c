// The workflow of docs/deploy.yml, step by step, between the Engine of a runner and that of a server.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { must, run, temporaryFolder, type Output } from "../engine/support/images-container.ts";
import { startNodes, whyNoNodes, type Node } from "./support/nodes.ts";
import { installation } from "./support/reyns.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(300_000);
beforeAll(importSmallImage);

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: { readonly deploy: { readonly steps: readonly Step[] } };
}

const workflow = parse(
  await Bun.file(join(import.meta.dir, "../../docs/deploy.yml")).text(),
) as Workflow;

/** What the runner has already. */
const before = new Set(["Install Reyns"]);

const definition = `import { expect, project, ready, service, test } from "reyns";
project("shop");
const web = service("web", {
  build: "./web",
  init: true,
  command: ["sleep", "600"],
  ready: ready.started(),
});
test("it has a page", async ({ exec }) => {
  expect((await exec(web, "cat /page")).stdout).toContain("a page");
});
`;

/** Programs for the runner: `ssh` and `scp` reach the server, whatever the network is. */
async function connect(folder: string, server: Node, home: string): Promise<string> {
  const { env } = await installation();
  const words = [
    ...server.inside,
    "env",
    `DOCKER_HOST=${server.env["DOCKER_HOST"]}`,
    `HOME=${home}`,
  ];
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const to = '[ "$1" = deploy@server.example.com ] || exit 255; shift; ';
  const scripts = {
    ssh: `#!/bin/sh\n${to}cd '${home}' && exec ${quoted} PATH='${env["PATH"]}' sh -c "$*"\n`,
    scp: `#!/bin/sh\n[ "$2" = deploy@server.example.com: ] && exec cp "$1" '${home}/'\n`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    await Bun.write(join(folder, name), text);
    await must("chmod", "755", join(folder, name));
  }
  return folder;
}

interface Runner {
  readonly node: Node;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Plays the steps, up to the first that fails. */
async function play({ node, env, secrets }: Runner): Promise<Output & { readonly step: string }> {
  const steps = workflow.jobs.deploy.steps.filter(
    (one) => one.run !== undefined && !before.has(one.name ?? ""),
  );
  const temporary = env["RUNNER_TEMP"] ?? "";
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary);
  let last = { status: 0, stdout: "", stderr: "", step: "" };
  for (const { name = "", run: script = "", env: given = {} } of steps) {
    const values = Object.entries({ ...env, ...workflow.env, ...given }).map(
      ([key, text]) =>
        `${key}=${text.replace(/\$\{\{ secrets\.(\w+) \}\}/, (_, secret: string) => secrets[secret] ?? "")}`,
    );
    const words = [...node.inside, "env", "-C", node.folder, ...values];
    last = { ...(await run([...words, "bash", "-eo", "pipefail", "-c", script])), step: name };
    if (last.status !== 0) break;
  }
  return last;
}

const reason = await whyNoNodes();

test.skipIf(reason !== undefined)(
  `a push is tested, saved, and run by its receipt on a server; one that fails changes nothing${reason === undefined ? "" : ` (${reason})`}`,
  async () => {
    await using folder = await temporaryFolder();
    const project = join(folder.path, "shop");
    await Bun.write(join(project, "reyns.ts"), definition);
    await Bun.write(join(project, "web/Dockerfile"), `FROM ${smallImage}\nCOPY page /page\n`);
    await Bun.write(join(project, "web/page"), "a page, first\n");
    await using nodes = await startNodes(["runner", "server"], {
      images: [smallImage],
      project,
    });
    const { runner, server } = nodes.node;
    const [home, temporary] = [join(folder.path, "server"), join(folder.path, "runner")];
    await Promise.all([mkdir(home), rm(server.folder, { recursive: true })]);
    const docker = (...words: string[]): Promise<string> =>
      must("env", `DOCKER_HOST=${server.env["DOCKER_HOST"]}`, "docker", ...words);
    await docker("image", "rm", smallImage);
    const { executable } = await installation();
    const bin = await connect(join(folder.path, "bin"), server, home);
    const first: Runner = {
      node: runner,
      env: {
        PATH: `${bin}:${dirname(executable)}:/usr/bin:/bin`,
        HOME: temporary,
        RUNNER_TEMP: temporary,
        DOCKER_HOST: runner.env["DOCKER_HOST"] ?? "",
      },
      secrets: { REYNS_KEYS: await runner.must("keys export -"), SSH_KEY: "x", SSH_HOST: "y" },
    };

    // As the page says, the first release is loaded by hand.
    await runner.must("build all");
    await runner.must(`save out=${home}/first.reyns`);
    await runner.must(`keys export ${home}/keys.json`);
    await must(
      "env",
      `PATH=${bin}:${process.env["PATH"]}`,
      "ssh",
      "deploy@server.example.com",
      "reyns load first.reyns folder=shop && cd shop && reyns keys import ../keys.json",
    );

    expect(await play(first)).toMatchObject({ status: 0, step: "Run what was tested" });
    expect(await docker("exec", await docker("ps", "-q"), "cat", "/page")).toBe("a page, first");

    await Bun.write(join(runner.folder, "web/page"), "nothing\n");
    expect(await play(first)).toMatchObject({ status: 1, step: "Test" });
    expect(await docker("exec", await docker("ps", "-q"), "cat", "/page")).toBe("a page, first");

    await Bun.write(join(runner.folder, "web/page"), "a page, second\n");
    expect(await play(first)).toMatchObject({ status: 0, step: "Run what was tested" });
    expect(await docker("exec", await docker("ps", "-q"), "cat", "/page")).toBe("a page, second");
  },
);

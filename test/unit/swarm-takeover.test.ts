// The Engine is a server that records what it is asked for.
import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../../src/runtime/connect.ts";
import { replaceByService, type Deploy } from "../../src/runtime/swarm/replace-container.ts";
import { greetingTo } from "./support/greeting.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";
import { stepContext } from "./support/step-context.ts";

const step = {
  ...startOf(plan(projectOf([{ service: "web", instance: "one" }])).steps, "web-one"),
  removes: "former",
};
const headers = { "Api-Version": "1.41" };
const [data, secrets] = ["da".repeat(32), "5e".repeat(32)];

/** A container that runs, of an image with a volume. */
function answerTo(path: string, name: string): object | undefined {
  const mount = (Name: string, Destination: string): object => ({
    ...{ Type: "volume", Name, Source: "", Destination, RW: true },
  });
  if (path.startsWith("/images/"))
    return { Id: "sha256:1", Config: { Volumes: { "/data/": {} } }, RepoTags: [] };
  if (path === "/containers/former/json")
    return {
      ...{ Name: `/${name}`, Image: "sha256:1", RestartCount: 0, Config: {} },
      State: { Running: true, Restarting: false, ExitCode: 0, StartedAt: "" },
      HostConfig: { RestartPolicy: { Name: "always", MaximumRetryCount: 0 } },
      Mounts: [mount(data, "/data"), mount(secrets, "/run/secrets")],
    };
  if (path === "/services/new") {
    const TaskTemplate = { ContainerSpec: {}, ForceUpdate: 0 };
    const Mode = { Replicated: { Replicas: 1 } };
    return { ID: "new", Version: { Index: 1 }, Spec: { Name: step.spec.name, TaskTemplate, Mode } };
  }
  return ["/tasks", "/nodes", "/secrets", "/configs"].includes(path) ? [] : undefined;
}

async function callsOf(deploy: Deploy): Promise<string[]> {
  const socket = join(tmpdir(), `reyns-takeover-${process.pid}.sock`);
  const calls: string[] = [];
  let { name } = step.spec;
  const server = Bun.serve({
    unix: socket,
    fetch: async (request) => {
      const greeting = greetingTo(request);
      if (greeting) return greeting;
      const { pathname, searchParams } = new URL(request.url);
      const path = pathname.replace(/^\/v[\d.]+/, "");
      if (request.method === "GET") {
        const answer = answerTo(path, name);
        return Response.json(answer ?? { message: "no such thing" }, {
          status: answer ? 200 : 404,
          headers,
        });
      }
      const policy = /"Name":"([a-z-]+)"/.exec(await request.text())?.[1];
      const kept = searchParams.get("v") === "false" ? "keeps volumes" : "";
      name = searchParams.get("name") ?? name;
      const words = [request.method, path, policy, kept].filter(Boolean);
      calls.push(words.join(" "));
      return new Response(null, { status: 204 });
    },
  });
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
    const context = stepContext(engine);
    await replaceByService(step, context, deploy).catch(() => {});
    return calls;
  } finally {
    await server.stop(true);
  }
}

const aside = ["POST /containers/former/rename", "POST /containers/former/stop"];
const back = ["POST /containers/former/rename", "POST /containers/former/start"];

test("a container goes when the service in its place is ready, and the data of its image stays", async () => {
  expect(await callsOf(async (onSent) => onSent?.("new"))).toEqual([
    ...aside,
    "POST /containers/former/update no",
    "DELETE /containers/reyns-source-former",
    "DELETE /containers/former keeps volumes",
    `DELETE /volumes/${secrets}`,
  ]);
});

test("a container starts again when the service in its place fails, which is removed", async () => {
  const calls = await callsOf(async (onSent) => {
    await onSent?.("new");
    throw new Error("its tasks do not run");
  });
  expect(calls.slice(2)).toEqual([
    "POST /containers/former/update no",
    "DELETE /services/new",
    "POST /containers/former/update always",
    ...back,
  ]);
});

test("a container starts again when Swarm refuses the service in its place", async () => {
  const calls = await callsOf(() => Promise.reject(new Error("refused")));
  expect(calls).toEqual([...aside, "POST /containers/former/update always", ...back]);
});

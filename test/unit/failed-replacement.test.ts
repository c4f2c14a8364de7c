// The Engine is a server with two containers of an instance: the one that fails, and the former one.
import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { join } from "node:path";
import { ReynsError, throwAll } from "../../src/errors.ts";
import { createExecution } from "../../src/runtime/executor/execution.ts";
import { settleTogether } from "../../src/runtime/executor/together.ts";
import { replaceContainer, resumeReplacement } from "../../src/runtime/instances/replace.ts";
import { replaceStartFirst } from "../../src/runtime/instances/start-first.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import type { StepContext } from "../../src/runtime/context.ts";
import { replaceByService } from "../../src/runtime/swarm/replace-container.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";
import { errorsIn, projectFolder } from "./support/project-folder.ts";
import { stepContext } from "./support/step-context.ts";

const start = startOf(plan(projectOf([{ service: "web", instance: "one" }])).steps, "web-one");
const step = { ...start, predecessor: "former" };
const reason = "Supervisor cannot run its program web (FATAL: can't find command 'pythn3')";

/** As of an instance that runs on, and can be looked at. */
const failure = new ReynsError("NOT_READY", "web-one: not ready after 60 s", {
  hint: `web-one is still running, but ${reason}; fix it, then check with: reyns status web`,
  remedy: reason,
});
const fail = async (onStarted?: (id: string) => void | Promise<void>): Promise<never> => {
  await onStarted?.("new");
  throw failure;
};

const failBeside = (_: unknown, onStarted: (id: string) => void): Promise<never> => fail(onStarted);

interface Shown {
  readonly message: string;
  readonly hint: string | undefined;
}

const answer = (head: string, body = ""): string =>
  `HTTP/1.1 ${head}\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const busy = answer("500 Internal Server Error", '{"message":"device busy"}');

function answerTo(call: string): string {
  if (call.includes("/attach?"))
    return "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
  if (!call.startsWith("GET ")) return "HTTP/1.1 204 No Content\r\n\r\n";
  if (!call.includes("/json")) return answer("200 OK", call.endsWith("/_ping") ? "OK" : "");
  const State = { Running: false, Restarting: false, ExitCode: 0, StartedAt: "" };
  const Name = call.startsWith("GET former") ? "/former" : "/web";
  const HostConfig = { RestartPolicy: { Name: "no", MaximumRetryCount: 0 } };
  const details = { Name, State, RestartCount: 0, Config: {}, Mounts: [], HostConfig };
  return answer("200 OK", JSON.stringify(details));
}

async function shownBy(
  replace: (context: StepContext) => Promise<unknown>,
  refused = "",
): Promise<Shown[]> {
  await using folder = await projectFolder({});
  const socket = join(folder.folder, "engine.sock");
  const server = createServer((connection) => {
    connection.on("error", () => {});
    connection.on("data", (request) => {
      const [, method, url = ""] = /^(\w+) (\S+)/.exec(request.toString()) ?? [];
      const path = url.replace(/^\/v[\d.]+\/containers\//, "");
      connection.write(path === refused ? busy : answerTo(`${method} ${path}`));
    });
  });
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  try {
    const context = stepContext(await openEngine({ DOCKER_HOST: `unix://${socket}` }));
    const thrown = await replace({ ...context, stateFolder: folder.folder }).catch(
      (error: unknown) => error,
    );
    return errorsIn(thrown).map(({ message, hint }) => ({ message, hint }));
  } finally {
    server.close();
  }
}

const removed = "the new container of web-one was removed; no log was kept";

test.each([
  [
    "after the former one has stopped",
    (context: StepContext) => replaceContainer(step, context, fail),
    ["the former version of web-one runs again; fix the cause, then run it again", removed],
  ],
  [
    "beside the former one",
    (context: StepContext) =>
      replaceStartFirst(step, context, {
        startNew: failBeside,
        onServing: async () => {},
      }),
    ["the former version of web-one kept serving; fix the cause, then run it again", removed],
  ],
  [
    "by an earlier call that was killed",
    (context: StepContext) => {
      const former = { id: "former", name: "web", restart: undefined };
      const awaited = { ...step, kind: "await-instance", containerId: "new", former } as const;
      return resumeReplacement(awaited, context, fail);
    },
    ["the former version of web-one runs again; fix the cause, then run it again", removed],
  ],
  [
    "together with another one",
    async (context: StepContext) => {
      const execution = createExecution(context);
      execution.failures.push({ step, error: failure });
      const group = [{ ...step, together: "ports" }];
      await settleTogether(group, () => Promise.resolve("failed"), execution);
      throwAll(execution.failures.map(({ error }) => error));
    },
    [
      "they exchange ports, so the former versions of web-one run again; fix the cause, then run them again",
      removed,
    ],
  ],
  [
    "by a service of Swarm",
    (context: StepContext) =>
      replaceByService({ ...step, removes: "former" }, context, () => fail()),
    [],
  ],
])(
  "a new version that was started %s keeps the reason of its failure",
  async (_, replace, outcome) => {
    const [error, ...others] = await shownBy(replace);
    expect(error?.message).toBe(failure.message);
    expect(error?.hint?.split("\n")).toEqual([reason, ...outcome]);
    expect(others).toEqual([]);
  },
);

test("a new version that cannot be removed keeps the reason of its failure", async () => {
  const beside = { startNew: failBeside, onServing: async () => {} };
  const errors = await shownBy(
    (context) => replaceStartFirst(step, context, beside),
    "new?force=true&v=true",
  );
  expect(errors.map(({ message }) => message)).toEqual([
    failure.message,
    "the Docker Engine refused: device busy",
  ]);
});

test("a former version that cannot come back hides no reason of the new one's failure", async () => {
  const [error, other] = await shownBy(
    (context) => replaceContainer(step, context, fail),
    "former/start",
  );
  expect(error).toEqual({ message: failure.message, hint: `${reason}\n${removed}` });
  expect(other?.message).toStartWith("web-one: its former container could not be started again: ");
});

// The Engine is a server with one container.
import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../../src/runtime/connect.ts";
import { toExitError } from "../../src/runtime/instances/exit.ts";
import { watchOutput } from "../../src/runtime/instances/output-watch.ts";
import type { ReynsError } from "../../src/errors.ts";
import { labels } from "../../src/model/labels.ts";
import { greetingTo } from "./support/greeting.ts";

const container = {
  Name: "/shop-4f2c91-web-one",
  State: { Running: false, Restarting: false, ExitCode: 0 },
  RestartCount: 0,
  Config: { Labels: { [labels.service]: "web", [labels.instance]: "it's" } },
  Mounts: [],
  HostConfig: {},
};

async function exitErrorWith(
  lines: readonly string[],
  status: number,
  HostConfig: object = {},
): Promise<ReynsError> {
  const socket = join(tmpdir(), `reyns-exit-${process.pid}.sock`);
  const server = Bun.serve({
    unix: socket,
    fetch: (request) =>
      greetingTo(request) ??
      (request.method === "POST"
        ? new Response(null, { status: 304 })
        : Response.json({ ...container, HostConfig }, { headers: { "Api-Version": "1.41" } })),
  });
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
    const watch = watchOutput();
    lines.forEach(watch.add);
    return await toExitError("web-one", { id: "65b75a883bdc", watch }, engine, status);
  } finally {
    await server.stop(true);
  }
}

test("a failed start names the command that removes this instance alone", async () => {
  const { message, hint, remedy, output } = await exitErrorWith(["no", "config"], 3);
  expect(message).toBe("web-one: exited right after starting (status 3)");
  expect(hint).toEndWith(`or remove it: reyns clean web 'it'\\''s'`);
  expect(hint).not.toContain("safemode");
  expect(remedy).toBeUndefined();
  expect(output).toEqual(["no", "config"]);
});

test("a service that exits with status 0 fails, because it has to keep running", async () => {
  const { message } = await exitErrorWith([], 0);
  expect(message).toContain(
    "(status 0); a service has to keep running: for a task that ends, use job()",
  );
});

test("an instance that was killed names its memory limit only where it has one", async () => {
  const limited = await exitErrorWith([], 137, { Memory: 24_000_000 });
  expect(limited.message).toBe(
    "web-one: was killed right after starting (status 137), maybe because it ran out of its 24.0 MB of memory; if so, allow more with memLimit",
  );
  const unlimited = await exitErrorWith([], 137, { Memory: 0 });
  expect(unlimited.message).toBe("web-one: exited right after starting (status 137)");
});

test("safemode is suggested when a prestartup script failed", async () => {
  const lines = ["no", "reyns: prestartup script a.sh failed with status 4"];
  const { message, hint, remedy, output } = await exitErrorWith(lines, 1);
  expect(message).toBe("web-one: prestartup script a.sh failed with status 4");
  expect(hint).toEndWith("\nsafemode=true starts it without its prestartup scripts");
  expect(remedy).toBe("safemode=true starts it without its prestartup scripts");
  expect(output).toEqual(["no"]);
});

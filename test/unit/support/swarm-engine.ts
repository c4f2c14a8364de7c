import { join } from "node:path";
import { openEngine, type Engine } from "../../../src/runtime/connect.ts";
import { greetingTo } from "./greeting.ts";
import { projectFolder } from "./project-folder.ts";

/** What an Engine says of one service at one look. */
export interface Scene {
  readonly replicas?: number;
  readonly forceUpdate?: number;
  /** Of its update. */
  readonly state?: string;
  readonly tasks?: readonly SceneTask[];
  readonly placement?: object;
}

export interface SceneTask {
  readonly id: string;
  readonly state: string;
  readonly desired?: string;
  readonly slot?: number;
  readonly forceUpdate?: number;
}

interface Posted {
  readonly path: string;
  readonly body: unknown;
}

interface SwarmEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** Without the tasks, what was asked to change. */
  readonly posted: readonly Posted[];
}

/**
 * An Engine with one service, "s1", of which each look sees the next scene; the last one stays.
 *
 * @param refusals how many changes are refused, as Swarm has changed the service meanwhile
 */
export async function swarmEngine(scenes: readonly Scene[], refusals = 0): Promise<SwarmEngine> {
  const folder = await projectFolder({});
  const socket = join(folder.folder, "engine.sock");
  const looks = { service: 0, tasks: 0 };
  const next = (kind: keyof typeof looks): Scene =>
    scenes[Math.min(looks[kind]++, scenes.length - 1)] ?? {};
  const posted: Posted[] = [];
  let left = refusals;
  const server = Bun.serve({
    unix: socket,
    fetch: async (request) => {
      const greeting = greetingTo(request);
      if (greeting) return greeting;
      const { pathname, search } = new URL(request.url);
      const path = pathname.replace(/^\/v[\d.]+/, "");
      if (request.method === "POST") {
        posted.push({ path: `${path}${search}`, body: await request.json() });
        if (left-- > 0) return Response.json({ message: outOfSequence }, { status: 500 });
        return Response.json({ ID: "s2" });
      }
      if (path === "/tasks") return answer(tasksOf(next("tasks")));
      if (path === "/nodes") return answer([]);
      if (path !== "/services/s1") return Response.json({ message: "none" }, { status: 404 });
      return Response.json(serviceOf(next("service"), looks.service));
    },
  });
  const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
  return {
    engine,
    posted,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** To requests that name no version, it says its own. */
function answer(document: unknown): Response {
  return Response.json(document, { headers: { "Api-Version": "1.41" } });
}

const outOfSequence = "rpc error: code = Unknown desc = update out of sequence";

function serviceOf({ replicas = 1, forceUpdate = 0, state, placement }: Scene, version: number) {
  return {
    ID: "s1",
    Version: { Index: version },
    Spec: {
      Name: "shop-api-one",
      Labels: {},
      Mode: { Replicated: { Replicas: replicas } },
      TaskTemplate: {
        ContainerSpec: { Image: "acme/api" },
        ForceUpdate: forceUpdate,
        ...(placement === undefined ? {} : { Placement: placement }),
      },
    },
    ...(state === undefined ? {} : { UpdateStatus: { State: state, Message: "" } }),
  };
}

function tasksOf({ tasks = [], forceUpdate: present = 0 }: Scene) {
  return tasks.map(({ id, state, slot = 1, desired = "running", forceUpdate = present }) => ({
    ID: id,
    ServiceID: "s1",
    Slot: slot,
    DesiredState: desired,
    Spec: { ForceUpdate: forceUpdate },
    Status: { State: state, Timestamp: "2026-01-01T00:00:00Z" },
  }));
}

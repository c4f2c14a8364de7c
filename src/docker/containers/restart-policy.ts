import type Docker from "dockerode";
import type { Engine } from "../client/engine.ts";
import { request } from "../client/request.ts";

/** `on-failure:3`, as the Engine's API has it. */
export function parseRestartPolicy(text: string): Docker.HostRestartPolicy {
  const [name = "", count] = text.split(":");
  return { Name: name, ...(count === undefined ? {} : { MaximumRetryCount: Number(count) }) };
}

/** The reverse; undefined for a container that is not restarted. */
export function formatRestartPolicy(
  policy: Docker.HostRestartPolicy | undefined,
): string | undefined {
  if (!policy?.Name || policy.Name === "no") return undefined;
  return policy.MaximumRetryCount ? `${policy.Name}:${policy.MaximumRetryCount}` : policy.Name;
}

/** Changes the restart policy of a container that exists. */
export async function setRestartPolicy(engine: Engine, id: string, policy: string): Promise<void> {
  const body = { RestartPolicy: parseRestartPolicy(policy) };
  await request(engine, { method: "POST", path: `/containers/${id}/update`, body });
}

import { ReynsError } from "../../errors.ts";
import type { Engine } from "../connect.ts";

/** Milliseconds that anything has to answer in, unless ENGINE_TIMEOUT is set: a person waits for all of it. */
const timeoutMs = 800;
/** Over ssh there is a login before the first answer. */
const sshTimeoutMs = 5000;

/**
 * What the Engine answers, unless it keeps silent.
 *
 * @throws ReynsError NO_ENGINE
 */
export async function withTimeout<Answer>(
  engine: Pick<Engine, "endpoint" | "timeout">,
  coming: Promise<Answer>,
): Promise<Answer> {
  const patience = timeoutFor(engine);
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `the Docker Engine at ${engine.endpoint} does not answer within ${patience} ms`;
    const hint =
      "ENGINE_TIMEOUT=10 reyns doctor waits longer\nif it stays silent: sudo systemctl restart docker";
    reject(new ReynsError("NO_ENGINE", message, { hint }));
  }, patience);
  try {
    return await Promise.race([coming, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function timeoutFor({ endpoint, timeout: patience }: Pick<Engine, "endpoint" | "timeout">): number {
  if (process.env["ENGINE_TIMEOUT"]) return patience.milliseconds;
  return endpoint.startsWith("ssh://") ? sshTimeoutMs : timeoutMs;
}

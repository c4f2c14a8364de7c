import { ReynsError } from "../../errors.ts";
import type { Engine } from "../connect.ts";

/** Unless ENGINE_TIMEOUT is set: somebody waits for all checks. */
const timeoutMs = 800;
/** For Engines on other machines: ssh has to log in before the first answer, and a network may be slow. */
const remoteTimeoutMs = 5000;

/**
 * Waits for an answer of the Engine, at most for a short time.
 *
 * @throws ReynsError NO_ENGINE
 */
export async function withTimeout<Answer>(
  engine: Pick<Engine, "endpoint" | "timeout">,
  pending: Promise<Answer>,
): Promise<Answer> {
  const milliseconds = timeoutFor(engine);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(timeoutError(engine, milliseconds)), milliseconds);
  try {
    return await Promise.race([pending, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function timeoutError({ endpoint }: Pick<Engine, "endpoint">, milliseconds: number): ReynsError {
  const message = `the Docker Engine at ${endpoint} does not answer within ${milliseconds} ms`;
  const hint =
    "wait longer: ENGINE_TIMEOUT=10 reyns doctor\nor restart it: sudo systemctl restart docker";
  return new ReynsError("NO_ENGINE", message, { hint });
}

function timeoutFor({ endpoint, timeout }: Pick<Engine, "endpoint" | "timeout">): number {
  if (process.env["ENGINE_TIMEOUT"]) return timeout.milliseconds;
  return /^(?:ssh|tcp):/.test(endpoint) ? remoteTimeoutMs : timeoutMs;
}

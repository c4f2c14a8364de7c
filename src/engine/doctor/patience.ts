import { ReynsError } from "../../errors.ts";
import type { Engine } from "../open.ts";

/** Milliseconds that anything has to answer in: a person waits for all of it. */
const patience = 800;

/**
 * What the Engine answers, unless it keeps silent.
 *
 * @throws ReynsError NO_ENGINE
 */
export async function withPatience<Answer>(
  { endpoint }: Pick<Engine, "endpoint">,
  coming: Promise<Answer>,
): Promise<Answer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `the Docker Engine at ${endpoint} does not answer within ${patience} ms`;
    const hint = "ask it again; if it stays silent, restart it: sudo systemctl restart docker";
    reject(new ReynsError("NO_ENGINE", message, { hint }));
  }, patience);
  try {
    return await Promise.race([coming, promise]);
  } finally {
    clearTimeout(timer);
  }
}

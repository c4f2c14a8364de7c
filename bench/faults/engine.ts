import { firstOf, inTurn, openRelay } from "../../test/binary/support/relay.ts";
import { smallImage } from "../../test/binary/support/small-image.ts";
import type { Fault, Outcome } from "./fault.ts";
import { bothSides, type Side } from "./side.ts";

const services = ["one", "two"].map((name) => ({ name, image: smallImage, command: "sleep 999" }));

const posts = [/^POST \S*\/networks\/create/, /^POST \S*\/containers\/create/, /^POST \S*\/start/];
const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);

/** Each call that changes something loses its connection once, before its request or its answer. */
async function cutConnections(side: Side): Promise<Outcome> {
  const results: string[] = [];
  let ok = true;
  for (const treatment of ["cut before", "cut after"] as const) {
    const request = inTurn(posts.map((pattern) => firstOf(pattern, treatment)));
    await using relay = await openRelay({ request });
    let calls = 0;
    let status = 1;
    for (; calls < 5 && status !== 0; calls += 1)
      ({ status } = await side.call("up", { DOCKER_HOST: relay.host }));
    const running = (await side.listRunning()).length;
    results.push(`${treatment} the answer: ${running} of 2 run after ${calls} calls`);
    ok &&= calls === 1 && status === 0 && running === 2;
    await side.call("down");
  }
  return { ok, description: results.join("; ") };
}

async function slow(side: Side): Promise<Outcome> {
  await using relay = await openRelay({ request: () => 500 });
  const env = { DOCKER_HOST: relay.host };
  const start = performance.now();
  const { status } = await side.call("up", env);
  const running = (await side.listRunning()).length;
  const description = `status ${status}, ${running} of 2 run, after ${seconds(start)} s`;
  return { ok: status === 0 && running === 2, description };
}

const maxWaitMs = 40_000;

/** From the first start on, the Engine accepts connections but does not answer. The timeout is five seconds. */
async function hanging(side: Side): Promise<Outcome> {
  let isHanging = false;
  await using relay = await openRelay({
    request: (text) => {
      isHanging ||= /^POST \S*\/start/.test(text);
      return isHanging ? "hang" : "pass";
    },
  });
  const env = { DOCKER_HOST: relay.host, ENGINE_TIMEOUT: "5", COMPOSE_HTTP_TIMEOUT: "5" };
  const start = performance.now();
  const call = side.call("up", env);
  const output = await Promise.race([call, Bun.sleep(maxWaitMs)]);
  const took = seconds(start);
  // Without the relay, the call ends.
  await relay[Symbol.asyncDispose]();
  await call;
  const again = await side.call("up");
  const running = (await side.listRunning()).length;
  const end = output
    ? `ends with status ${output.status} after ${took} s`
    : `does not end within ${took} s`;
  const description = `${end}; the next call: ${running} of 2 run`;
  return { ok: output !== undefined && again.status === 0 && running === 2, description };
}

export const engine: readonly Fault[] = [
  bothSides("the connection to the Engine is cut", services, cutConnections),
  bothSides("the Engine takes 500 ms longer for each call", services, slow),
  bothSides("the Engine hangs", services, hanging),
];

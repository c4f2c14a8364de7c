// Measures the replacement of a routed instance under load. Needs a Docker Engine, and about ten minutes.
// Usage: bun bench/replacing.ts [--json] [--count N] [--rate N]     Exits with status 1 if a value exceeds its limit.
import { parseArgs } from "node:util";
import { removeInstallation } from "../test/binary/support/reyns.ts";
import { measureReplacements } from "./replacements.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    count: { type: "string", default: "50" },
    rate: { type: "string", default: "200" },
  },
});

const [count, rate] = [Number(values.count), Number(values.rate)];
const results = await measureReplacements({ count, rate, sockets: 50, connections: 20 });
await removeInstallation();
for (const { name, value, unit, limit, ok } of values.json ? [] : results) {
  const bound = limit === undefined ? "" : `<= ${limit} ${unit}  ${ok ? "ok" : "OVER"}`;
  console.log(`${name.padEnd(44)}${`${value.toFixed(2)} ${unit}`.padStart(18)}  ${bound}`);
}
if (values.json) console.log(JSON.stringify(results, undefined, 2));
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

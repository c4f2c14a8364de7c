// Measures the dynamic DNS with its real intervals: one DNS and 100 instances of reyns-common that run only their agent
// and a sleep. Needs a Docker Engine at the default socket, and about four minutes.
// Usage: bun bench/dns.ts [--json] [--instances N]     Exits with status 1 if a value exceeds its limit.
import { parseArgs } from "node:util";
import { measureDns, type Measured } from "./dns-rows.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    instances: { type: "string", default: "100" },
  },
});

function describe({ name, value, unit, limit, ok }: Measured): string {
  const bound = limit === undefined ? "" : `<= ${limit} ${unit}`;
  const verdict = limit === undefined ? "" : `  ${ok ? "ok" : "OVER"}`;
  return `${name.padEnd(44)}${`${value.toFixed(2)} ${unit}`.padStart(14)}${bound.padStart(14)}${verdict}`;
}

const results: Measured[] = [];
for await (const measured of measureDns(Number(values.instances))) {
  results.push(measured);
  if (!values.json) console.log(describe(measured));
}
if (values.json) console.log(JSON.stringify(results, undefined, 2));
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

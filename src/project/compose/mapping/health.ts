import { withoutUndefined } from "../../../lib/without-undefined.ts";
import type { HealthcheckOptions } from "../../../api/container-options.ts";
import type { ComposeHealthcheck } from "../compose-file.ts";
import type { MappedOptions } from "./context.ts";
import { durationText } from "./values.ts";

/** The check, with a line for the shell as a text. */
export function mapHealthcheck(check: ComposeHealthcheck): MappedOptions {
  if (check.disable === true || check.test?.[0] === "NONE")
    return { healthcheck: { disable: true } };
  const { test, interval, timeout, retries } = check;
  const { start_period: startPeriod, start_interval: startInterval } = check;
  return {
    healthcheck: withoutUndefined<HealthcheckOptions>({
      test: test && testOf(test),
      interval: interval && durationText(interval),
      timeout: timeout && durationText(timeout),
      startPeriod: startPeriod && durationText(startPeriod),
      startInterval: startInterval && durationText(startInterval),
      retries,
    }),
  };
}

function testOf([kind, ...words]: readonly string[]): string | readonly string[] {
  const [line] = words;
  if (kind === "CMD-SHELL" && line !== undefined && words.length === 1) return line;
  return kind === "CMD" ? words : [kind ?? "", ...words];
}

import { createConsola, LogLevels } from "consola/core";
import { isDebugging, sayLine } from "./log-line.ts";

/** Messages to the person in front of it, on standard error; LOG_LEVEL=DEBUG shows more. */
export const log = createConsola({
  level: isDebugging ? LogLevels.debug : LogLevels.info,
  reporters: [{ log: ({ type, args }) => sayLine(type, args.join(" ")) }],
});

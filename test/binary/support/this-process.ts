import { readFileSync } from "node:fs";

/** What a port that this process listens on is "taken by": one of several runners has another name than a lone one. */
export const thisProcess = `${readFileSync("/proc/self/comm", "utf8").trim()} (pid ${process.pid})`;

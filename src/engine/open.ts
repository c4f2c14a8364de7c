import { connectEngine } from "../docker/connect.ts";

export type { Engine } from "../docker/connect.ts";
export { engineVersion } from "../docker/system.ts";

/** A connection to the Engine of this environment; the first question to it shows whether it answers. */
export const openEngine = connectEngine;

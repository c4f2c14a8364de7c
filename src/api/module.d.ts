/** The module "reyns" as a project's `reyns.ts` sees it; served by the executable when it loads the file. */
import type { Api } from "./index.ts";

export declare const project: Api["project"];
export declare const conf: Api["conf"];
export declare const service: Api["service"];
export declare const dns: Api["dns"];
export { link, fromInterface, required, ready } from "./index.ts";
export type { PortInput, ServiceHandle, ServiceOptions } from "./index.ts";
export { $, cd, within, glob, which, fs } from "zx";

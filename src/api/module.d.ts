/** The module "reyns" as a project's `reyns.ts` imports it; the executable serves it when it loads the file. */
import type { Api } from "./index.ts";
import type { ShellHelpers } from "./shell.ts";

export declare const project: Api["project"];
export declare const conf: Api["conf"];
export declare const group: Api["group"];
export declare const after: Api["after"];
export declare const service: Api["service"];
export declare const job: Api["job"];
export declare const dns: Api["dns"];
export declare const task: Api["task"];
export { ready } from "./ready.ts";
export { fromInterface, required, variable } from "./values.ts";
export { link } from "./link.ts";
export type { ServiceHandle } from "./link.ts";
export type { PortInput } from "./option-values.ts";
export type { DnsOptions, JobOptions, ServiceOptions } from "./options.ts";
export type { Exec, ExecOptions, ExecResult, TaskContext } from "./tasks.ts";

export declare const $: ShellHelpers["$"];
export declare const cd: ShellHelpers["cd"];
export declare const within: ShellHelpers["within"];
export declare const question: ShellHelpers["question"];
export declare const glob: ShellHelpers["glob"];
export declare const which: ShellHelpers["which"];
export declare const sleep: ShellHelpers["sleep"];
export declare const retry: ShellHelpers["retry"];
export declare const expBackoff: ShellHelpers["expBackoff"];
export declare const spinner: ShellHelpers["spinner"];
export declare const echo: ShellHelpers["echo"];
export declare const quote: ShellHelpers["quote"];
export declare const tmpdir: ShellHelpers["tmpdir"];
export declare const fs: ShellHelpers["fs"];
export declare const path: ShellHelpers["path"];
export declare const os: ShellHelpers["os"];
export declare const YAML: ShellHelpers["YAML"];
export type { Duration, ProcessOutput, ProcessPromise, Shell, ShellOptions } from "./shell.ts";

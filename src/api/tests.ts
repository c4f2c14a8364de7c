import type { Place } from "../errors.ts";
import type { ServiceHandle } from "./link.ts";
import type { Period } from "./option-values.ts";
import type { Shell } from "./shell.ts";
import type { Exec } from "./tasks.ts";

/** An instance as helpers of a test take it: a handle, or the name of a service. */
export type TestTarget = ServiceHandle | string;

/** The function `fetch` of a test. */
export interface TestFetch {
  /**
   * Requests a path of an instance at its own address, or of a host that the router serves, through the router: without
   * a name server, and with the certificate checked.
   *
   * @param target a handle, the name of a service, the host of a route, or a whole URL
   * @example
   * const response = await fetch("web", "/orders", { method: "POST", body: "{}" });
   * const page = await fetch("https://shop.example.com/");
   */
  (
    target: TestTarget | URL,
    path?: string,
    options?: Parameters<typeof fetch>[1],
  ): ReturnType<typeof fetch>;
}

/** The argument of a test's function. */
export interface TestContext {
  /** Runs a command in an instance. Its output is shown if the test fails. */
  readonly exec: Exec;
  /** Requests a path of an instance, or of a route. */
  readonly fetch: TestFetch;
  /**
   * The URL of an instance, as this machine reaches it.
   *
   * @param port a port of the container. Default: the only one that it publishes or serves
   * @example
   * url("web") // "http://172.20.0.3:3000"
   */
  readonly url: (target: TestTarget, port?: number) => string;
  /**
   * What an instance has printed since it started.
   *
   * @param options `tail`: only so many of the last lines
   * @example
   * expect(await logs("web")).toContain("order 12 stored");
   */
  readonly logs: (target: TestTarget, options?: { readonly tail?: number }) => Promise<string>;
  /** Runs a command on this host, in the project's folder. `reyns` in it acts on the copy that is tested. */
  readonly $: Shell;
}

/** The function of a test: it passes unless it throws. */
export type TestFunction = (context: TestContext) => unknown;

/** Options of `test()`. */
export interface TestOptions {
  /** How long it may take. Default: 30 seconds; `timeout=` of the call changes that. */
  readonly timeout?: Period;
  /** True: it may run at the same time as the parallel tests beside it. Default: false. */
  readonly parallel?: boolean;
}

/** The function `test`. */
export interface DefineTest {
  (name: string, run: TestFunction, options?: TestOptions): void;
  /** Defines a test that does not run. */
  skip(name: string, run: TestFunction, options?: TestOptions): void;
  /** Defines a test that runs alone, as long as it has `.only`. */
  only(name: string, run: TestFunction, options?: TestOptions): void;
}

export const testModes = ["run", "skip", "only"] as const;

/** Whether a test runs. */
export type TestMode = (typeof testModes)[number];

/** A test that `test()` has defined. */
export interface Test {
  readonly name: string;
  readonly run: TestFunction;
  readonly mode: TestMode;
  /** Seconds; undefined: the call's, or the default. */
  readonly timeout: number | undefined;
  readonly parallel: boolean;
  readonly at: Place;
}

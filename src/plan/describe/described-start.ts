import type { ReynsError } from "../../errors.ts";
import type { Observed } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { EnvironmentSources, MissingVariable } from "../resolve/environment.ts";
import type { Placed } from "../resolve/placement.ts";
import type { MountedFiles } from "./mounted-files.ts";
import type { SettingsSources } from "../resolve/registration.ts";

/** What the start of an instance depends on beyond the instance. */
export interface PlanContext {
  readonly project: Project;
  readonly observed: Observed;
  readonly sources: EnvironmentSources;
  readonly hostHostname: string;
  /** Seconds within which each instance has to become ready; undefined: its own timeout, or the default. */
  readonly timeout: number | undefined;
  /** Those of the project's files that instances mount; without them, no instance changes with its files. */
  readonly files?: MountedFiles | undefined;
}

export interface DescribeContext extends PlanContext {
  readonly settingsSources: SettingsSources;
}

/** Another instance that has to be ready before, and why. */
export interface Dependency {
  readonly kind: "link" | "after" | "dns" | "router" | "network";
  readonly host: string;
  /** The link's name. */
  readonly name?: string;
}

/** An instance on another machine that has to be registered with the DNS before. */
export interface AwaitedName {
  readonly host: string;
  readonly group: string;
  readonly server: string;
  readonly zone: string;
}

/** How an instance is started, with everything that has to be reported before. */
export interface DescribedStart {
  readonly placed: Placed;
  /** How its container is created and started; also described for one that runs, to compare the two. */
  readonly step: StartInstance;
  /** The instances that have to be ready before, whether this run starts them or they run already. */
  readonly dependencies: readonly Dependency[];
  /** What it comes after on other machines. */
  readonly awaited: readonly AwaitedName[];
  readonly warnings: readonly string[];
  readonly missing: readonly MissingVariable[];
  readonly errors: readonly ReynsError[];
}

/** A command that Reyns has the Engine execute in a running container. */
export interface Hook {
  readonly command: readonly string[];
  /** Undefined: the container's. */
  readonly user?: string | undefined;
  readonly workingDir?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly privileged?: boolean | undefined;
}

/** What is executed after each start and before each stop of an instance. */
export interface Hooks {
  readonly postStart: readonly Hook[];
  readonly preStop: readonly Hook[];
}

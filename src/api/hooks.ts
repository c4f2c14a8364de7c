/** A command that is executed in the container, with its settings. */
export interface HookOptions {
  /** A line for the shell, or a list of arguments. */
  readonly command: string | readonly string[];
  /** Name or number of the user, or `"USER:GROUP"`. Default: the container's. */
  readonly user?: string | number;
  /** Default: the container's. */
  readonly workingDir?: string;
  /** Variables in addition to those of the container. */
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  /** True: gives the command all rights on the host. Default: false. */
  readonly privileged?: boolean;
}

/** One command: a line for the shell, a list of arguments, or with its settings; or a list of commands. */
export type HooksInput =
  | string
  | readonly string[]
  | HookOptions
  | readonly (string | readonly string[] | HookOptions)[];

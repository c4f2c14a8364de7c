// What the tests of the installer share: its shells, and how it fails.
import { expect } from "bun:test";
import type { Output } from "../../engine/support/images-container.ts";
import { busyboxTools, type Home, type InstallOptions } from "./home.ts";
import type { ReleaseServer } from "./release-server.ts";

/** Marks the line that the installer adds to a shell's file. */
export const mark = "# added by the installer of reyns";
export const executable = ".local/bin/reyns";

/** The words of a call that installs from a server. */
export const from = ({ url }: ReleaseServer, ...words: readonly string[]): string[] => [
  "--base-url",
  url,
  ...words,
];

/** It failed, said why, and left nothing behind: no executable, no receipt, no work folder. */
export async function expectNothing(home: Home, output: Output): Promise<void> {
  expect(output.status).not.toBe(0);
  expect(await home.files()).toEqual([]);
}

export const shells = ["dash", "bash", "zsh", "busybox"] as const;

export interface Shells extends AsyncDisposable {
  /** A folder with BusyBox and nothing else. */
  readonly path: string;
  /** How a shell is called; BusyBox has nothing but its own tools. */
  under(shell: (typeof shells)[number]): Required<Pick<InstallOptions, "shell" | "env">>;
}

export async function prepareShells(): Promise<Shells> {
  const busybox = await busyboxTools();
  return {
    ...busybox,
    under: (shell) => {
      const found = Bun.which(shell) ?? shell;
      return shell === "busybox"
        ? { shell: [found, "sh"], env: { PATH: busybox.path } }
        : { shell: [found], env: {} };
    },
  };
}

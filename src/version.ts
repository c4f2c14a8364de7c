import packageJson from "../package.json" with { type: "json" };

// Defined by scripts/build.ts; undefined when running from source.
declare const REYNS_VERSION: string | undefined;
declare const REYNS_COMMIT: string | undefined;

/** The version of this executable, and the commit it was built from. */
export const build = {
  version: typeof REYNS_VERSION === "undefined" ? packageJson.version : REYNS_VERSION,
  commit: typeof REYNS_COMMIT === "undefined" ? "source" : REYNS_COMMIT,
} as const;

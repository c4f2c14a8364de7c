import packageJson from "../package.json" with { type: "json" };

// Written in by scripts/build.ts; not there when running from source.
declare const REYNS_VERSION: string | undefined;
declare const REYNS_COMMIT: string | undefined;

/** What was built, and from which commit. */
export const build = {
  version: typeof REYNS_VERSION === "undefined" ? packageJson.version : REYNS_VERSION,
  commit: typeof REYNS_COMMIT === "undefined" ? "source" : REYNS_COMMIT,
} as const;

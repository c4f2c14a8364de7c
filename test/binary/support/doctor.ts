import { expect } from "bun:test";
import { type FakeEngine, openFakeEngine } from "./fake-engine.ts";
import type { Project } from "./project.ts";
import type { CallOptions } from "./reyns.ts";

/** One line of `doctor`. */
export interface Finding {
  readonly check: string;
  readonly state: string;
  readonly node?: string;
  readonly message: string;
  readonly remedy: string | null;
  readonly fixable: boolean;
  readonly fixed: string | null;
}

/** An Engine that others use as well has more time here than a person would give it. */
export const patient = { ENGINE_TIMEOUT: "30" };

/** What `doctor json` has printed. */
export function findingsIn(stdout: string): readonly Finding[] {
  return (JSON.parse(stdout) as { readonly checks: readonly Finding[] }).checks;
}

/** The findings of one check in a project, with the exit status. */
export async function examine(
  project: Project,
  check: string,
  options: CallOptions = {},
  words = "doctor json",
): Promise<[number, readonly Finding[]]> {
  const env = { ...patient, ...options.env };
  const { status, stdout, stderr } = await project.reyns(words, { ...options, env });
  expect(stderr).not.toContain("defect");
  return [status, findingsIn(stdout).filter((finding) => finding.check === check)];
}

/** On that of all tests doctor would repair what other tests have broken on purpose. */
export const openEmptyEngine = (): Promise<FakeEngine> =>
  openFakeEngine({ jobs: [], existing: [] });

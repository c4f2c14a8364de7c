import type { Step } from "../model/steps.ts";

/** Progress of a run, for the command line to show. */
export type RuntimeEvent =
  | { readonly kind: "started"; readonly step: Step }
  /** Current phase of an instance: "creating", "waiting for port 80". */
  | { readonly kind: "phase"; readonly step: Step; readonly phase: string }
  /** What runs of an instance has to end first. */
  | { readonly kind: "stopping"; readonly step: Step; readonly phase: string }
  /** What ran has ended, and something starts in its place: its time counts from here on. */
  | { readonly kind: "stopped"; readonly step: Step }
  /** It has started, and the time that it has to become ready counts from here on. */
  | { readonly kind: "waiting"; readonly step: Step }
  /** Current activity of a step: an instruction of a build, the layers of a pull. */
  | { readonly kind: "progress"; readonly step: Step; readonly note: string }
  | {
      readonly kind: "finished";
      readonly step: Step;
      readonly seconds: number;
      readonly note: string | undefined;
    }
  | { readonly kind: "failed"; readonly step: Step; readonly seconds: number }
  /** Cut short by Ctrl-C; it did not fail on its own. */
  | { readonly kind: "interrupted"; readonly step: Step; readonly seconds: number }
  /** Not begun, because an earlier step failed. */
  | { readonly kind: "skipped"; readonly step: Step }
  /** A line of a build's output. */
  | { readonly kind: "output"; readonly step: Step; readonly line: string }
  | { readonly kind: "warning"; readonly message: string };

export type Emit = (event: RuntimeEvent) => void;

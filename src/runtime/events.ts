import type { Step } from "../model/steps.ts";

/** What the engine reports while it works; how it looks is the command line's affair. */
export type RuntimeEvent =
  | { readonly kind: "started"; readonly step: Step }
  /** Where an instance is on its way: "creating", "waiting for port 80". */
  | { readonly kind: "phase"; readonly step: Step; readonly phase: string }
  /** What a step is doing right now: the line of a build, the layers of a pull. */
  | { readonly kind: "progress"; readonly step: Step; readonly note: string }
  | {
      readonly kind: "finished";
      readonly step: Step;
      readonly seconds: number;
      readonly note: string | undefined;
    }
  | { readonly kind: "failed"; readonly step: Step; readonly seconds: number }
  /** Broken off by Ctrl-C, which is no fault of its own. */
  | { readonly kind: "interrupted"; readonly step: Step; readonly seconds: number }
  /** Not begun, because something before it failed. */
  | { readonly kind: "skipped"; readonly step: Step }
  /** A line of a build's output. */
  | { readonly kind: "output"; readonly step: Step; readonly line: string }
  | { readonly kind: "warning"; readonly message: string };

export type Emit = (event: RuntimeEvent) => void;

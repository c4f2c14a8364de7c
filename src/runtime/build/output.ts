import type { BuildMessage } from "../../docker/images/build.ts";
import { createBuildKitOutput } from "./buildkit-output.ts";
import { createLineBuffer } from "../../lib/last-lines.ts";
import type { BuildListener, FailedInstruction } from "./listener.ts";

/** Understands what a builder says. */
export interface BuildOutput {
  readonly take: (message: BuildMessage) => void;
  /** The instruction that has failed, when the build has. */
  readonly failed: () => FailedInstruction;
}

/** Both builders' output: an Engine that is asked for BuildKit may answer with the classic one. */
export function createBuildOutput(listener: BuildListener): BuildOutput {
  const [classic, buildKit] = [createClassicOutput(listener), createBuildKitOutput(listener)];
  return {
    take: (message) => {
      if (message.kind === "line") classic.take(message.line);
      else buildKit.take(message.status);
    },
    failed: () => buildKit.failed() ?? classic.failed(),
  };
}

/** Lines about the builder's containers and layers, of no use to whoever looks for a mistake. */
const builderNoise = /^(?: ---> |--> |Removing intermediate container )/;

/** `Step 2/3 : RUN make`; Podman's are `STEP 2/3: RUN make`, in one of several stages `[1/2] STEP 2/3: RUN make`. */
const stepLine = /^(?:\[\d+\/\d+\] )?step \d+\/\d+ ?: ([^]*)/i;

function createClassicOutput({ onInstruction, onLine }: BuildListener): {
  readonly take: (line: string) => void;
  readonly failed: () => FailedInstruction;
} {
  const recent = createLineBuffer(20);
  let instruction = "";
  return {
    take: (line) => {
      if (!builderNoise.test(line)) recent.add(line);
      onLine(line);
      // The builder counts our labels as steps, too.
      const begun = stepLine.exec(line)?.[1];
      if (begun === undefined) return;
      instruction = begun;
      recent.clear();
      onInstruction(instruction);
    },
    failed: () => ({ instruction, lines: recent.all() }),
  };
}

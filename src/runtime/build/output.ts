import type { BuildMessage } from "../../docker/images/build.ts";
import { createLineBuffer } from "../../lib/line-buffer.ts";
import { createBuildKitOutput } from "./buildkit-output.ts";
import type { BuildListener, FailedInstruction } from "./listener.ts";

/** Parses the output of a builder. */
export interface BuildOutput {
  readonly take: (message: BuildMessage) => void;
  /** The instruction that failed, after the build has failed. */
  readonly failed: () => FailedInstruction;
}

/** For both builders: an Engine that is asked for BuildKit may answer with the classic one. */
export function createBuildOutput(listener: BuildListener): BuildOutput {
  const classic = createClassicOutput(listener);
  const buildKit = createBuildKitOutput(listener);
  return {
    take: (message) => {
      if (message.kind === "line") classic.take(message.line);
      else buildKit.take(message.status);
    },
    failed: () => buildKit.failed() ?? classic.failed(),
  };
}

/** Lines about the builder's own containers and layers, which say nothing about a mistake. */
const builderNoise = /^(?: ---> |--> |Removing intermediate container )/;

/** `Step 2/3 : RUN make`; of Podman `STEP 2/3: RUN make`, or `[1/2] STEP 2/3: RUN make` with several stages. */
const stepLine = /^(?:\[\d+\/\d+\] )?step (\d+\/\d+) ?: ([^]*)/i;

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
      const [, position, next] = stepLine.exec(line) ?? [];
      if (next === undefined) return;
      instruction = next;
      recent.clear();
      onInstruction(instruction, position);
    },
    failed: () => ({ instruction, lines: recent.all() }),
  };
}

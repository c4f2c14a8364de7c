import type { BuildSettings } from "./build-plan.ts";
import type { Publishing } from "./checks/ports.ts";
import type { ConvergeOptions } from "./converge.ts";
import type { RunContext } from "./describe/describe-all.ts";
import type { ComposeContainer, ObservedInstance } from "../model/observed.ts";
import type { CreateNetwork } from "../model/steps.ts";
import type { Selection } from "./select/selection.ts";

/** What a run is asked to do, and what it decides from. */
export interface RunRequest extends RunContext, Publishing, ConvergeOptions {
  readonly selections: readonly Selection[];
  readonly build: BuildSettings;
  /** The last call did not finish: instances that run may not be ready, nor have their leases renewed. */
  readonly previousRunFailed: boolean;
  /** The address of an Engine on another machine; undefined for this one's. */
  readonly remoteEngine?: string | undefined;
  /** Remove instances whose definition is gone. */
  readonly prune: boolean;
  /** Replace the containers that Docker Compose has started from this folder. */
  readonly adopt?: boolean | undefined;
  /** How many instances of one service are replaced at the same time; one unless given. */
  readonly jobs?: number | undefined;
}

/** What the steps of a run are made from, besides the decisions. */
export interface StepsContext extends RunRequest {
  readonly networks: readonly CreateNetwork[];
  readonly orphans: readonly ObservedInstance[];
  /** Containers of Docker Compose that are replaced. */
  readonly adopted: readonly ComposeContainer[];
}

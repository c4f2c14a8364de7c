import type { StartInstance } from "./steps.ts";

/** An instance whose versions are recorded. */
export interface RecordedInstance {
  readonly host: string;
  /** Name and origin of its project. */
  readonly project: string;
  readonly origin: string;
}

/** What an instance was made from, so that it can be made again. */
export interface InstanceVersion {
  /** Counts from 1, and goes on after a rollback. */
  readonly version: number;
  /** When it became ready, in ISO 8601. */
  readonly startedAt: string;
  /** `git describe` of the project's folder; undefined where that is in no repository. */
  readonly commit?: string | undefined;
  /** The version that this one brought back. */
  readonly restores?: number | undefined;
  /** Id of its image, known from its replacement on. */
  readonly imageId?: string | undefined;
  /** A name that keeps its image, whose own name stands for another one. */
  readonly keptAs?: string | undefined;
  /** Id of the image that was to replace it and failed, or that it took over from before that was ready. */
  readonly failedImage?: string | undefined;
  /** Names of its secret variables. */
  readonly secrets: readonly string[];
  /** How it was started, without the values of secrets. */
  readonly start: StartInstance;
}

/** Whether versions of an instance are kept: not of one that ends by itself, or with the call. */
export function hasVersions({ spec, ready, interactive }: StartInstance): boolean {
  return spec.session === undefined && !interactive && ready.kind !== "completed";
}

/** The version whose definition one has: its own, or the one that it brought back. */
export function contentOf({ version, restores }: InstanceVersion): number {
  return restores ?? version;
}

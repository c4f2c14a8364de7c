import type { Place } from "../errors.ts";
import type { AddedStages, BuilderSettings, BuildSources } from "./build.ts";
import type { StepBase } from "./step-base.ts";

/** Its paths are absolute. */
export interface BuildImage extends StepBase, BuildSources {
  readonly kind: "build-image";
  readonly image: string;
  /**
   * A service's folder on the host, with the files below it that no image may have; the URL of a git repository; or the
   * name of a bundled one.
   */
  readonly context:
    | { readonly folder: string; readonly privatePaths: readonly string[] }
    | { readonly git: string }
    | { readonly bundled: string };
  /** Path of the Dockerfile, relative to the context; it may lead out of it. */
  readonly dockerfile: string;
  /** Its text, if it is not a file of the context. */
  readonly dockerfileText?: string | undefined;
  /** Lines of the text that the file does not have. */
  readonly addedStages?: Pick<AddedStages, "line" | "count"> | undefined;
  /** The files themselves are the image: there is no Dockerfile. */
  readonly isFiles?: boolean | undefined;
  /** The stage to stop at. */
  readonly target: string | undefined;
  /** Images in its FROM lines, whose registries may ask for credentials. */
  readonly bases: readonly string[];
  readonly arguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly cache: boolean;
  readonly settings?: BuilderSettings | undefined;
  /** The definition that asks for it. */
  readonly at?: Place | undefined;
  /** More names of the image. */
  readonly tags?: readonly string[] | undefined;
  /** The same files, bases and arguments always give the same image, so an unchanged build can be skipped. */
  readonly repeatable: boolean;
}

/** Brings an image from one Engine, which has it, to a node. */
export interface SendImage extends StepBase {
  readonly kind: "send-image";
  readonly image: string;
  /** Its node; undefined: the caller's own Engine. */
  readonly from: string | undefined;
  /** In a run by receipt: the image that the name has to stand for. */
  readonly tested?: TestedImage | undefined;
}

/** An image that a receipt was compared with. */
export interface TestedImage {
  readonly id: string;
  /** The digest of its layers and settings, in stores that give it other ids, too. */
  readonly content: string;
}

/** "master", or how the caller's Engine is called beside nodes. */
export function sourceOf({ from }: Pick<SendImage, "from">): string {
  return from ?? "your own Engine";
}

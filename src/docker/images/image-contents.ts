import type Docker from "dockerode";
import { sha256Hex } from "../../lib/sha256.ts";
import { stableJson } from "../../lib/stable-json.ts";
import { requireString } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { inspectImage } from "./images.ts";

/** What an image is, beyond its name. */
export interface ImageContents {
  readonly id: string;
  /** `sha256:` and the digest of its layers and settings: the same in image stores that give it different ids. */
  readonly content: string;
  /** `NAME@sha256:…` of the registries that it came from, or went to. */
  readonly digests: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Settings of an image that decide what its containers are. Some Engines answer more, which says nothing. */
const settings = [
  ...["User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels"],
  ...["StopSignal", "Healthcheck", "Shell", "ArgsEscaped", "OnBuild"],
] as const;

/** @returns undefined when the Engine does not have the image */
export function findImageContents(
  engine: Engine,
  name: string,
): Promise<ImageContents | undefined> {
  return inspectImage(engine, name, (image) => ({
    id: requireString(image.Id),
    content: `sha256:${sha256Hex(contentText(image))}`,
    digests: (image.RepoDigests ?? []).toSorted(),
    labels: image.Config.Labels ?? {},
  }));
}

function contentText({
  Config,
  RootFS,
  Os,
  Architecture,
  ...image
}: Docker.ImageInspectInfo): string {
  const config = Config as Readonly<Record<string, unknown>>;
  const given = settings
    .map((name) => [name, config[name]] as const)
    .filter(([, value]) => !isEmpty(value));
  const { Variant: variant = "" } = image as { Variant?: string };
  const platform = { os: Os, architecture: Architecture, variant };
  return stableJson({
    ...platform,
    layers: RootFS.Layers ?? [],
    config: Object.fromEntries(given),
  });
}

/** One Engine leaves out what another one writes as empty. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

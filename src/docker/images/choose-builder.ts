import { ReynsError } from "../../errors.ts";
import type { BuilderSettings } from "../../model/build.ts";
import type { Engine } from "../client/engine.ts";
import { engineInfo } from "../system.ts";

const booleans: Readonly<Record<string, boolean>> = {
  1: true,
  true: true,
  0: false,
  false: false,
};

/** Cached, because the Engine takes some milliseconds to report its features. */
const defaultBuilders = new WeakMap<Engine, Promise<boolean>>();

/** What decides. */
interface Wishes {
  readonly settings?: BuilderSettings | undefined;
  /** Fields that only BuildKit can serve. */
  readonly needsBuildKit?: readonly string[] | undefined;
}

/**
 * Whether BuildKit is to make a build: where the Engine has it, unless `DOCKER_BUILDKIT` says otherwise, like
 * `docker build` since version 23; and unless it is the early one and could not do it.
 *
 * @param context the URL of a git repository; anything else is a tar
 * @throws ReynsError INVALID_VALUE
 */
export async function usesBuildKit(
  engine: Engine,
  context: unknown,
  { settings = {}, needsBuildKit: [needed] = [] }: Wishes,
): Promise<boolean> {
  const { hasEarlyBuildKit } = await engine.features();
  const limit = hasEarlyBuildKit ? limitOfEarlyBuildKit(settings, context) : undefined;
  const isBuildKit = await isChosen(engine, limit);
  if (isBuildKit || needed === undefined) return isBuildKit;
  const message = `${needed} needs BuildKit, and this image is built with another builder`;
  throw new ReynsError("INVALID_VALUE", message, { hint: await hintForBuildKit(engine, limit) });
}

async function hintForBuildKit(engine: Engine, limit: string | undefined): Promise<string> {
  if (limit !== undefined) return `the BuildKit of Docker 20.10 ${limit}: upgrade the Engine`;
  const { isPodman } = await engine.features();
  return isPodman ? "Podman has none: use a Docker Engine" : "set DOCKER_BUILDKIT=1";
}

/** @throws ReynsError INVALID_VALUE */
async function isChosen(engine: Engine, limit: string | undefined): Promise<boolean> {
  const text = engine.env["DOCKER_BUILDKIT"];
  if (!text) {
    if (limit !== undefined) return false;
    const isDefault = defaultBuilders.get(engine) ?? isBuildKitDefault(engine);
    defaultBuilders.set(engine, isDefault);
    return isDefault;
  }
  const value = booleans[text.toLowerCase()];
  if (value === true && limit !== undefined) throw limitError(limit);
  if (value !== undefined) return value;
  throw new ReynsError("INVALID_VALUE", `DOCKER_BUILDKIT must be 0 or 1, not "${text}"`, {
    hint: "1 builds with BuildKit, 0 with the classic builder",
  });
}

/** What the BuildKit of Docker 20.10 does wrong with a build, and the classic builder does not. */
function limitOfEarlyBuildKit(settings: BuilderSettings, context: unknown): string | undefined {
  if (settings.shmSize !== undefined) return "ignores shmSize";
  if (settings.ulimits !== undefined) return "ignores ulimits";
  const isFolder = typeof context === "string" && /#[^:]*:./.test(context);
  return isFolder ? "takes only a whole git repository, not a folder of it" : undefined;
}

function limitError(limit: string): ReynsError {
  return new ReynsError("INVALID_VALUE", `the BuildKit of Docker 20.10 ${limit}`, {
    hint: "leave DOCKER_BUILDKIT unset, which builds with the classic builder, or upgrade the Engine",
  });
}

/** The BuildKit of Docker 20.10 assigns copied files to nobody when the Engine maps users. */
async function isBuildKitDefault(engine: Engine): Promise<boolean> {
  const { prefersBuildKit, hasEarlyBuildKit } = await engine.features();
  if (prefersBuildKit || !hasEarlyBuildKit) return prefersBuildKit;
  const { mapsUsers, isRootless } = await engineInfo(engine);
  return !mapsUsers && !isRootless;
}

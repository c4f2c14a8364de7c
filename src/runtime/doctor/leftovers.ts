import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { removeContainer, startContainer } from "../../docker/containers/containers.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import { listNetworks, removeNetwork } from "../../docker/networks.ts";
import { ReynsError } from "../../errors.ts";
import { labels } from "../../model/labels.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { inspectLock } from "../lock/project-lock.ts";
import type { Engine } from "../connect.ts";
import { ok, warning, type Finding } from "./finding.ts";
import { withTimeout } from "./timeout.ts";

/** Seconds after which nothing is still being made. */
const staleAfterSeconds = 300;

/**
 * What calls that were killed, and folders that were removed, have left on the Engine. Without a folder's own Engine
 * only that folder's things can be judged.
 *
 * @param folder of the project here, if there is one
 * @param now seconds since 1970
 */
export async function checkLeftovers(
  engine: Engine,
  folder: string | undefined,
  now: number,
): Promise<Finding[]> {
  const [all, networks] = await withTimeout(
    engine,
    Promise.all([listContainers(engine, []), listNetworks(engine)]),
  );
  const isMine = ({ labels: own }: Labeled): boolean => {
    const itsFolder = own[labels.folder];
    return itsFolder !== undefined && (engine.local || itsFolder === folder);
  };
  const containers = all.filter(isMine);
  const isGone = (one: Labeled): boolean =>
    engine.local && !existsSync(one.labels[labels.folder] ?? "/");
  const used = new Set(all.flatMap((one) => Object.keys(one.networks)));
  const unused = networks.filter((one) => isMine(one) && isGone(one) && !used.has(one.name));
  const found = [
    ...containers
      .filter(
        (one) => isHalfMade(one) && now - one.createdAt > staleAfterSeconds && !isBeingCreated(one),
      )
      .map((one) => halfMadeFinding(one, engine)),
    ...orphanFindings(
      containers.filter((one) => isInstance(one) && !isHalfMade(one) && isGone(one)),
    ),
    ...containers
      .filter((one) => isStoppedKeeper(one, containers))
      .map((one) => stoppedKeeperFinding(one, engine)),
    ...unused.map((one) => unusedNetworkFinding(one, engine)),
  ];
  return found.length > 0 ? found : [ok("leftovers", "none on the Engine")];
}

interface Labeled {
  readonly labels: Readonly<Record<string, string>>;
}

function isInstance({ labels: own }: Labeled): boolean {
  return own[labels.instance] !== undefined;
}

/** Never started: an instance, or the second container out of which persistent folders are filled. */
function isHalfMade(one: ContainerSummary): boolean {
  const isSource = /^reyns-source-[0-9a-f]{12}$/.test(one.name);
  return one.state === "created" && (isInstance(one) || isSource);
}

/** Somebody is making it. */
function isBeingCreated({ labels: own }: Labeled): boolean {
  return inspectLock(own[labels.folder] ?? "").isHeld;
}

function halfMadeFinding({ id, name, labels: own }: ContainerSummary, engine: Engine): Finding {
  const message = `the container ${name} of ${own[labels.folder]} was made and never started`;
  const [service, instance] = [own[labels.service], own[labels.instance]];
  const mend =
    instance === undefined
      ? `docker rm ${name}`
      : inFolder(own, `clean ${shellQuote(service ?? "")} ${shellQuote(instance)}`);
  const fix = async (): Promise<string> => {
    await removeContainer(engine, id);
    return `${name} removed`;
  };
  return warning("leftovers", message, { remedy: mend, fix });
}

/** A line for each project, not for each of its instances. */
function orphanFindings(containers: readonly ContainerSummary[]): Finding[] {
  const projects = Map.groupBy(containers, ({ labels: own }) =>
    [own[labels.project], own[labels.folder]].join("\0"),
  );
  return [...projects.values()].flatMap((ones) => {
    const [first] = ones;
    if (!first) return [];
    const { [labels.folder]: folder = "", [labels.project]: project = "" } = first.labels;
    const names = summarizeList(
      ones.map(({ name }) => name),
      3,
    );
    const message = `the folder ${folder} of the project ${project} is gone, its containers are not: ${names}`;
    const call = `PROJECT_NAME=${shellQuote(project)} PROJECT_DIR=. reyns clean all`;
    const mend = `mkdir -p ${shellQuote(folder)} && cd ${shellQuote(folder)} && ${call}`;
    return warning("leftovers", message, { remedy: mend });
  });
}

function isStoppedKeeper(
  { labels: own, state }: ContainerSummary,
  containers: readonly ContainerSummary[],
): boolean {
  if (own[labels.role] !== "keeper" || state === "running") return false;
  return containers.some(
    (one) =>
      isInstance(one) &&
      one.state === "running" &&
      one.labels[labels.folder] === own[labels.folder] &&
      one.labels[labels.project] === own[labels.project],
  );
}

function stoppedKeeperFinding(
  { id, name, labels: own }: ContainerSummary,
  engine: Engine,
): Finding {
  const message = `${name}, which keeps the names of ${own[labels.folder]} in the DNS, has stopped`;
  const fix = async (): Promise<string> => {
    await startContainer(engine, id);
    return `${name} started`;
  };
  return warning("leftovers", message, { remedy: inFolder(own, "run all"), fix });
}

function unusedNetworkFinding(
  { name, labels: own }: Labeled & { name: string },
  engine: Engine,
): Finding {
  const message = `the network ${name} has nothing in it, and its folder ${own[labels.folder]} is gone`;
  const fix = async (): Promise<string> => {
    if (await removeNetwork(engine, name)) return `${name} removed`;
    throw new ReynsError("ENGINE_REFUSED", `${name} is in use by now`);
  };
  return warning("leftovers", message, { remedy: `docker network rm ${name}`, fix });
}

function inFolder(own: Labeled["labels"], call: string): string {
  return `cd ${shellQuote(own[labels.folder] ?? "")} && reyns ${call}`;
}

/** Keys that were being made when the call was killed: a folder of its own beside the real one. */
export async function checkKeyDrafts(
  { folder }: { readonly folder: string },
  now: number,
): Promise<Finding[]> {
  const kept = join(folder, ".reyns");
  const names = await readdir(kept).catch(() => []);
  const drafts = names.filter((name) => /^keys-[A-Za-z0-9]{6}$/.test(name));
  const ages = await Promise.all(
    drafts.map(async (name) => now - (await stat(join(kept, name))).mtimeMs / 1000),
  );
  return drafts
    .filter((_, index) => (ages[index] ?? 0) > staleAfterSeconds)
    .map((name) => {
      const path = join(kept, name);
      const fix = async (): Promise<string> => {
        await rm(path, { recursive: true, force: true });
        return `${path} removed`;
      };
      const message = `${path}: keys that were never finished`;
      return warning("keys", message, { remedy: `rm -r ${shellQuote(path)}`, fix });
    });
}

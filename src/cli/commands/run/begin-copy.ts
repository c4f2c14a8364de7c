import { relative, sep } from "node:path";
import { ReynsError } from "../../../errors.ts";
import { copyNameOf } from "../../../model/copy-origin.ts";
import type { Mount } from "../../../model/container-spec.ts";
import type { Project } from "../../../model/project.ts";
import { declaredNetworkName } from "../../../model/resource-names.ts";
import type { StartInstance } from "../../../model/steps.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import { readCloneRecord } from "../../../project/clone-record.ts";
import { readCopyRecord, recordCopy } from "../../../project/copy-record.ts";
import { log } from "../../../ui/output/log.ts";

/**
 * Records that a copy exists; at its first run, names what it shares with the project.
 *
 * @throws ReynsError FILE_REFUSED where only a part of the data is there that it was to begin with
 */
export function beginCopy(project: Project, { steps }: Pick<RunPlan, "steps">): void {
  requireWhole(project);
  const isNew = readCopyRecord(project) === undefined;
  recordCopy(project, new Date());
  if (!isNew) return;
  const starts = steps.filter((step) => step.kind === "start-instance");
  const shared = new Set(starts.flatMap((start) => sharedBy(start, project)));
  if (shared.size > 0)
    log.info(`shared with the project and its other copies: ${summarizeList([...shared], 8)}`);
}

function requireWhole(project: Project): void {
  const clone = readCloneRecord(project);
  if (!clone) return;
  const copy = copyNameOf(project.origin) ?? "";
  const message = `the copy ${copy} has only a part of the data of ${clone.from}: copying was interrupted`;
  const hint = `copy it again: reyns run all copy=${copy} from=${clone.from}; or remove it: reyns clean all copy=${copy}`;
  throw new ReynsError("FILE_REFUSED", message, { hint });
}

function sharedBy({ host, spec }: StartInstance, project: Project): string[] {
  const { networks = {} } = project.conf;
  const external = new Set(
    Object.entries(networks).flatMap(([key, network]) =>
      network.external ? [declaredNetworkName(project, key, network)] : [],
    ),
  );
  const joined = [spec.network, ...(spec.joined ?? [])].flatMap((one) => one?.name ?? []);
  const isInHost = spec.network === undefined && spec.networkMode === undefined;
  return [
    ...spec.mounts.flatMap((mount) => sharedMount(mount, project)),
    ...joined.filter((name) => external.has(name)).map((name) => `the network ${name}`),
    ...(isInHost ? [`the host's network (${host})`] : []),
  ];
}

/** A folder that instances only read cannot come between copies. */
function sharedMount(
  { type, source, readOnly, declared }: Mount,
  { folder, dataFolder }: Project,
): string[] {
  if (type === "volume") return declared?.external ? [`the volume ${source}`] : [];
  const isOwn = source.startsWith(dataFolder + sep);
  if (type !== "bind" || readOnly || isOwn) return [];
  const isInside = source === folder || source.startsWith(folder + sep);
  return [isInside ? `./${relative(folder, source)}` : source];
}

import type { Engine } from "../../docker/client/engine.ts";
import { findImageReference } from "../../docker/images/images.ts";
import { listMembers, swarmMembership } from "../../docker/swarm.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { labels } from "../../model/labels.ts";
import type { StepContext } from "../context.ts";

interface LocalImage {
  readonly host: string;
  /** As the definition names it. */
  readonly name: string;
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where its tasks may run. */
  readonly constraints: readonly string[];
}

/** Swarm sends no images: names the machines of the swarm to which this call has not brought one that no registry has. */
export async function warnOfLocalImage(
  image: LocalImage,
  { engine, emit, machines = [engine] }: Pick<StepContext, "engine" | "emit" | "machines">,
): Promise<void> {
  const [members, having] = await Promise.all([
    listMembers(engine),
    Promise.all(machines.map((machine) => memberWith(image, machine, machines.length > 1))),
  ]);
  const lacking = members.filter(({ id }) => mayRun(image, id) && !having.includes(id));
  if (lacking.length === 0) return;
  const names = summarizeList(
    lacking.map(({ machine }) => machine),
    8,
  );
  const message = `${image.host}: no registry is known for ${image.name}, and this run has not brought it to ${names}: a node that lacks this image cannot run it (docker save and docker load bring it)`;
  emit({ kind: "warning", message });
}

function mayRun({ constraints }: LocalImage, id: string): boolean {
  const only = constraints.filter((text) => text.startsWith(nodeIs));
  return only.every((text) => text === `${nodeIs}${id}`);
}

const nodeIs = "node.id==";

/** The id in the swarm of a machine that has the image: what is built is sent to all machines of a call. */
async function memberWith(
  { id, labels: values }: LocalImage,
  machine: Engine,
  areSeveral: boolean,
): Promise<string | undefined> {
  const isSent = areSeveral && (values[labels.folder] ?? values[labels.assets]) !== undefined;
  if (!isSent && !(await findImageReference(machine, id))) return undefined;
  return (await swarmMembership(machine)).memberId;
}

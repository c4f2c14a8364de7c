import { ReynsError } from "../../errors.ts";
import { belongsTo } from "../../model/labels.ts";
import type { NameConflict, Observed } from "../../model/observed.ts";
import { folderOfOrigin } from "../../model/resource-names.ts";
import type { Step } from "../../model/steps.ts";

/** All names that the plan needs and that something else has: it is never taken for the project's own. */
export function nameConflictErrors(
  steps: readonly Step[],
  strangers: readonly NameConflict[],
): ReynsError[] {
  return steps.flatMap((step) => {
    const wanted = nameIn(step);
    const holder = strangers.find(
      ({ kind, name, project, origin }) =>
        kind === wanted?.kind &&
        name === wanted.name &&
        !(step.kind === "create-network" && belongsTo(step.labels, { name: project, origin })),
    );
    return wanted && holder ? takenName(step.title, holder) : [];
  });
}

/** The networks of the Engine as holders of their names; those of the project hold them by right. */
export function foreignNetworks({ networks = [] }: Observed): NameConflict[] {
  return networks.map(({ name, project, origin }) => ({ kind: "network", name, project, origin }));
}

function nameIn(step: Step): Pick<NameConflict, "kind" | "name"> | undefined {
  if (step.kind === "create-network") return { kind: "network", name: step.name };
  return "spec" in step ? { kind: "container", name: step.spec.name } : undefined;
}

function takenName(title: string, { kind, name, project, origin }: NameConflict): ReynsError {
  const whose =
    origin === "" ? "not Reyns's" : `of the project ${project} in ${folderOfOrigin(origin)}`;
  const message = `${title}: its name is taken by the ${kind} ${name}, which is ${whose}`;
  const hint =
    kind === "container"
      ? `look at it (docker inspect ${name}), then rename it (docker rename ${name} OTHER) or remove it (docker rm ${name}), and run again`
      : `look at who uses it (docker network inspect ${name}); then join it, declared with external: true, or remove it (docker network rm ${name}), and run again`;
  return new ReynsError("NAME_TAKEN", message, { hint });
}

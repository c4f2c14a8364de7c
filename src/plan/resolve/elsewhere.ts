import { hostNameOf } from "../../model/host-names.ts";
import { nothingObserved, type Observed } from "../../model/observed.ts";
import type { InstanceDefinition, Project, Target } from "../../model/project.ts";
import type { RegisteredInstance } from "../../model/registered.ts";
import { pointsTo } from "../select/match.ts";
import { imageOf, isDnsImage } from "./images.ts";
import type { LinkTarget } from "./links.ts";

/** An instance that belongs on another machine: one of another group. */
export interface ElsewhereDefined {
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  readonly group: string;
  /** It can be found in the DNS once it runs. */
  readonly isRegistered: boolean;
  /** Whatever machine it is for, it runs only if it is named, as a service of a profile in Compose. */
  readonly isOnDemand: boolean;
}

interface ElsewhereContext {
  readonly project: Project;
  readonly observed: Observed;
}

/** The instances on other machines that links may lead to: those of other groups that the DNS has registered. */
export function registeredElsewhere(
  here: ReadonlySet<string>,
  { project, observed }: ElsewhereContext,
): LinkTarget[] {
  const own = new Set(observed.instances.map(({ host }) => host));
  const isElsewhere = ({ host, service, instance }: RegisteredInstance): boolean => {
    if (here.has(host) || own.has(host)) return false;
    const defined = project.conf.instances.find(
      (one) => one.service === service && one.instance === instance,
    );
    return defined?.group !== undefined && !definesDns(defined, project);
  };
  const instances = observed.registered?.instances ?? [];
  return instances.filter(isElsewhere).map(({ service, instance, host, address }) => ({
    ...{ service, instance, host, address, serviceIp: address },
    ...{ isDns: false, planned: false, isElsewhere: true },
  }));
}

/** What a target points to in the definitions of other groups. */
export function definedElsewhere(
  target: Target,
  { group: own }: Pick<InstanceDefinition, "group">,
  project: Project,
): ElsewhereDefined[] {
  return project.conf.instances.flatMap((definition) => {
    const { service, instance, group, job, env, swarm, autorun } = definition;
    if (group === undefined || group === own || instance === undefined) return [];
    // One plan for all nodes waits for it, and has it started by one of them.
    if (swarm && project.conf.nodes) return [];
    if (!pointsTo(target, service, instance) || definesDns(definition, project)) return [];
    const policy = env["DNS_UPDATE_POLICY"];
    const isHidden = policy !== undefined && "text" in policy && policy.text === "HIDE";
    return {
      service,
      instance,
      host: hostNameOf(service, instance),
      group,
      isRegistered: !job && !isHidden && !swarm,
      isOnDemand: !autorun,
    };
  });
}

/** Whether an instance is a DNS: its address is a value of its own, DNS_SERVICE_IP. */
export function definesDns(definition: InstanceDefinition, project: Project): boolean {
  return isDnsImage(project, imageOf(project, definition), nothingObserved);
}

import type { ProjectIdentity } from "./resource-names.ts";

/** What an Engine says of the swarm that it is in. */
export interface SwarmMembership {
  readonly state: "inactive" | "pending" | "active" | "error" | "locked";
  /** Its own id there; empty where it is in none. */
  readonly memberId: string;
  /** The address by which the others reach it. */
  readonly address: string;
  readonly isManager: boolean;
  /** The swarm's id; only its managers say it. */
  readonly swarm: string | undefined;
  /** The project whose `nodes join` has begun the swarm; only its managers say it. */
  readonly begunBy: ProjectIdentity | undefined;
  /** Why it is not as it should be: a manager that the others do not answer. */
  readonly problem: string | undefined;
}

export const noSwarm: SwarmMembership = {
  state: "inactive",
  memberId: "",
  address: "",
  isManager: false,
  swarm: undefined,
  begunBy: undefined,
  problem: undefined,
};

export type SwarmRole = "manager" | "worker";

/** A machine of a swarm, as its managers list it. */
export interface SwarmMember {
  readonly id: string;
  /** Changes with each update, which has to name the one that it changes. */
  readonly version: number;
  readonly machine: string;
  readonly role: SwarmRole;
  /** Whether it answers the managers; "unknown" while new ones have not heard of it. */
  readonly state: "unknown" | "down" | "ready" | "disconnected";
  readonly address: string;
  /** Whether it gets tasks: "pause" gives it no new ones, "drain" takes away those that it has. */
  readonly availability: "active" | "pause" | "drain";
  /** A manager that the others do not reach. */
  readonly isLost: boolean;
  /** The project whose `nodes join` has put it there. */
  readonly joinedBy: ProjectIdentity | undefined;
}

/** What `nodes join` has asked an Engine for, until the managers list whose member that is. */
export interface RecordedJoin {
  readonly node: string;
  readonly address: string;
  /** Id of the swarm to join; undefined where it was to begin one. */
  readonly swarm: string | undefined;
}

/** A project's node, its membership, and how the managers list it. */
export interface SwarmNode {
  readonly name: string;
  /** As the definition has it. */
  readonly address: string;
  readonly membership: SwarmMembership;
  readonly member: SwarmMember | undefined;
}

/** One change of a swarm, about one node. */
export type SwarmChange = {
  readonly node: string;
  readonly address: string;
} & (
  | { readonly kind: "init" }
  | { readonly kind: "join"; readonly role: SwarmRole }
  | { readonly kind: "promote"; readonly member: SwarmMember }
  /** It is in, but the call that put it there was killed before the managers knew whose it is. */
  | { readonly kind: "mark"; readonly member: SwarmMember }
  /** It was set up anew and has lost its place, which the managers still keep. */
  | { readonly kind: "forget"; readonly member: SwarmMember }
  | {
      readonly kind: "leave";
      readonly member: SwarmMember | undefined;
      /** No manager stays, so that the swarm ends with the last one. */
      readonly ends: boolean;
      readonly isLast: boolean;
    }
);

/** The ports on which members of a swarm have to reach each other. */
export const swarmPorts = "2377/tcp, 7946/tcp+udp and 4789/udp";

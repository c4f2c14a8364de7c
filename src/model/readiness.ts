import type { Registration } from "./observed.ts";
import type { ReadyCheck } from "./project.ts";

/** How readiness is detected: a line of our entrypoint, an answer of the DNS, open ports, or the check that was given. */
export type Ready =
  | ({ readonly kind: "entrypoint" } & HealthAwaited)
  /** Our entrypoint again, for a container whose line was missed: its processes tell. */
  | ({ readonly kind: "prestartup" } & HealthAwaited)
  | {
      readonly kind: "dns";
      readonly address: string;
      readonly zone: string;
      /** A secondary one: it has to copy the zone first. */
      readonly copies?: true;
    }
  /** A job: it has ended with status 0. */
  | { readonly kind: "completed" }
  /** A service of Docker Swarm: as many of its tasks run, and are healthy, as there should be. */
  | { readonly kind: "tasks" }
  | { readonly kind: "ports"; readonly address: string; readonly ports: readonly number[] }
  | { readonly kind: "check"; readonly check: ReadyCheck; readonly address: string };

interface HealthAwaited {
  /** The definition has a health check, which has to pass when the scripts are done. */
  readonly healthy?: true;
}

/** How an instance is registered with a DNS. */
export interface Register extends Registration {
  readonly service: string;
  readonly instance: string;
}

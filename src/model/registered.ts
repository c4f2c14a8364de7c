/** An instance that is registered with the project's DNS, on whichever machine it runs. */
export interface RegisteredInstance {
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  /** IPv4 address that its names lead to. */
  readonly address: string;
  /** Name of its machine. */
  readonly node: string;
}

/** What a DNS has registered. */
export interface RegisteredZone {
  readonly server: string;
  readonly instances: readonly RegisteredInstance[];
}

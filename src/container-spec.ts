/** A container as the plan wants it and the Engine is asked for it, in Docker's words. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** None: the image's own command. */
  readonly command: readonly string[] | undefined;
  readonly tty: boolean;
  readonly network: NetworkAttachment;
  readonly dns: ResolverSettings | undefined;
  readonly extraHosts: readonly { readonly name: string; readonly address: string }[];
  readonly mounts: readonly Mount[];
  readonly ports: readonly PublishedPort[];
  readonly privileged: boolean;
}

export interface NetworkAttachment {
  readonly name: string;
  /** Fixed IPv4 address in the network. */
  readonly address: string;
  readonly aliases: readonly string[];
}

/** What ends up behind the container's resolv.conf (resolv.conf(5)). */
export interface ResolverSettings {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export interface Mount {
  readonly type: "bind" | "volume";
  /** Absolute path on the host, or the volume's name. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface PublishedPort {
  readonly container: number;
  readonly host: number;
  readonly protocol: "tcp" | "udp";
  /** Address of the host; empty for all of them. */
  readonly ip: string;
}

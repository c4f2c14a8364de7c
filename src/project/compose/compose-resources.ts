export type ComposeTexts = Readonly<Record<string, string>>;

/** A network of the top level. */
export interface ComposeNetwork {
  /** Its name on the Engine. */
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: ComposeTexts;
  readonly ipam: {
    readonly driver?: string;
    readonly config?: readonly {
      readonly subnet?: string;
      readonly ip_range?: string;
      readonly gateway?: string;
      readonly aux_addresses?: ComposeTexts;
    }[];
    readonly options?: ComposeTexts;
  };
  readonly external?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
  readonly labels?: ComposeTexts;
}

/** A volume of the top level. */
export interface ComposeVolume {
  /** Its name on the Engine. */
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: ComposeTexts;
  readonly external?: boolean;
  readonly labels?: ComposeTexts;
}

/** A secret or config of the top level. */
export interface ComposeFileObject {
  readonly name: string;
  /** An absolute path. */
  readonly file?: string;
  /** The variable that it is made of. */
  readonly environment?: string;
  /** Of a config, or what the variable holds. Never print it: it may be a secret. */
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: ComposeTexts;
  readonly driver?: string;
  readonly driver_opts?: ComposeTexts;
  readonly template_driver?: string;
}

/** A service in a network. */
export interface ComposeAttachment {
  readonly aliases?: readonly string[];
  readonly driver_opts?: ComposeTexts;
  readonly gw_priority?: number;
  readonly interface_name?: string;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly priority?: number;
}

/** Options of `node()`. */
export interface NodeOptions {
  /**
   * IPv4 address by which the other machines reach this one: its services are published and registered there. Default:
   * the address in the endpoint, if that has one.
   */
  readonly address?: string;
  /** Folder with `ca.pem`, `cert.pem` and `key.pem` for a `tcp://` endpoint. Default: as `DOCKER_CERT_PATH` has it. */
  readonly certificates?: string;
}

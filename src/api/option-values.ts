/** Seconds as a number, or a string such as `"1m30s"` or `"500ms"`. */
export type Period = number | string;

/** Bytes as a number, or a string such as `"512m"` or `"2g"`, in powers of 1024. */
export type Size = number | string;

/** One value, or a list of them. */
export type OneOrMore<Value> = Value | readonly Value[];

/**
 * A port to publish on the host: a number for the same port on both sides, Docker's `"[IP:][HOST:]CONTAINER[/udp]"`, or
 * an object. A port that the Engine has chosen stays while its instance is replaced.
 *
 * @see https://docs.docker.com/engine/network/#published-ports
 * @example
 * ports: [80, "8080:80", "127.0.0.1:5353:53/udp", "8000-8002:8000-8002", { container: 443, host: "free" }, "9000-9010:9000"]
 */
export type PortInput =
  | number
  | string
  | {
      /** Port of the container, 1 to 65535. */
      readonly container: number;
      /** Port of the host. `"free"`, or a range such as `"9000-9010"`: one that the Engine chooses. Default: the container's. */
      readonly host?: number | "free" | `${number}-${number}`;
      /** Default: `"tcp"`. */
      readonly protocol?: "tcp" | "udp" | "sctp";
      /** Address of the host. Default: SERVICE_IP if the instance has one, else all addresses. */
      readonly ip?: string;
    };

import { Duplex } from "node:stream";
import { readMessages, type DialTcp } from "./transport.ts";

/** Milliseconds without a question until a connection is closed. BIND closes one after 30 s. */
const idleMs = 5000;

/**
 * Lets all exchanges with a DNS share one TCP connection, as servers allow (RFC 7766, 6.2.1): for a dial that is slow, as one
 * through a container is. Answers are told apart by the ids of their questions. A connection on which a question has had no
 * answer gets no more of them.
 */
export function shareConnection(dial: DialTcp): DialTcp {
  const connections = new Map<string, Promise<SharedConnection>>();
  return async (host, port) => {
    const key = `${host} ${port}`;
    const known = connections.get(key);
    if (known) return openExchange(await known);
    const forget = (): void => {
      if (connections.get(key) === connection) connections.delete(key);
    };
    const connection = connect(dial, { host, port }, forget);
    connections.set(key, connection);
    connection.catch(forget);
    return openExchange(await connection);
  };
}

interface SharedConnection {
  readonly stream: Duplex;
  readonly exchanges: Set<Duplex>;
  /** Id of a question -> the exchange that waits for its answer. */
  readonly asked: Map<number, Duplex>;
  /** Called when it takes no more exchanges, once or several times. */
  readonly onRetire: () => void;
  isRetired: boolean;
  idle: Timer | undefined;
}

async function connect(
  dial: DialTcp,
  { host, port }: { readonly host: string; readonly port: number },
  onRetire: () => void,
): Promise<SharedConnection> {
  const stream = await dial(host, port);
  const own = { exchanges: new Set<Duplex>(), asked: new Map<number, Duplex>() };
  const connection: SharedConnection = {
    stream,
    ...own,
    onRetire,
    isRetired: false,
    idle: undefined,
  };
  const fail = (error?: Error): void => {
    retire(connection);
    for (const exchange of own.exchanges) exchange.destroy(error);
  };
  stream.on(
    "data",
    readMessages((bytes) => {
      if (bytes.length < 2) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      own.asked.get(bytes.readUInt16BE(0))?.push(Buffer.concat([length, bytes]));
    }),
  );
  stream.on("error", fail);
  stream.on("close", () => fail());
  return connection;
}

/** A stream for one question and its answer. */
function openExchange(connection: SharedConnection): Duplex {
  const { stream, exchanges } = connection;
  clearTimeout(connection.idle);
  const exchange: Duplex = new Duplex({
    read: () => {},
    write: (packet: Buffer, _, done) => {
      ask(connection, exchange, packet);
      done();
    },
    destroy: (error, done) => {
      leave(connection, exchange);
      done(error);
    },
  });
  exchanges.add(exchange);
  // Whoever has opened it may listen later.
  exchange.on("error", () => {});
  if (stream.destroyed) setImmediate(() => exchange.destroy());
  return exchange;
}

function ask(connection: SharedConnection, exchange: Duplex, packet: Buffer): void {
  const { asked, stream } = connection;
  if (exchange.destroyed) return;
  const id = packet.readUInt16BE(2);
  // Ids are random: another question may have the same.
  const other = asked.get(id);
  if (other) return void other.once("close", () => ask(connection, exchange, packet));
  asked.set(id, exchange);
  stream.write(packet);
}

/** The end of an exchange. */
function leave(connection: SharedConnection, exchange: Duplex): void {
  const { stream, exchanges, asked } = connection;
  exchanges.delete(exchange);
  for (const [id, other] of asked) if (other === exchange) asked.delete(id);
  if (!exchange.readableDidRead) retire(connection);
  if (exchanges.size > 0) return;
  if (connection.isRetired) return void stream.destroy();
  clearTimeout(connection.idle);
  connection.idle = setTimeout(() => {
    retire(connection);
    stream.destroy();
  }, idleMs).unref();
}

function retire(connection: SharedConnection): void {
  connection.isRetired = true;
  connection.onRetire();
}

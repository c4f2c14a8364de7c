/** Perl, which Debian always has, listening on a port after a while; it ends at once when it is told to. */
export interface Listener {
  readonly port: number;
  /** Seconds until it listens. */
  readonly after?: number;
  /** It does not listen before this file is there. */
  readonly waitsFor?: string;
  /** Status of its answers to HTTP. */
  readonly status?: number;
  /** Lines that it writes before. */
  readonly says?: readonly string[];
}

/** The words of the listener's command, to be written into a `reyns.ts`. */
export function listenerCommand({
  port,
  after = 0,
  waitsFor = "/",
  status = 200,
  says = [],
}: Listener): string[] {
  const program = `
    $SIG{TERM} = sub { exit };
    $| = 1;
    ${says.map((line) => `print ${JSON.stringify(`${line}\n`)};`).join(" ")}
    select undef, undef, undef, ${after};
    select undef, undef, undef, 0.02 until -e "${waitsFor}";
    use IO::Socket::INET;
    my $s = IO::Socket::INET->new(LocalPort => ${port}, Listen => 5, ReuseAddr => 1) or die;
    open my $f, ">", "/listening";
    print "listening on ${port}\\n";
    while (my $c = $s->accept) {
      my $l = <$c>;
      print $c "HTTP/1.0 ${status} Answer\\r\\nContent-Length: 0\\r\\n\\r\\n";
      close $c;
    }
  `;
  return ["perl", "-e", program.replace(/\s*\n\s*/g, " ").trim()];
}

package Reyns::Keeper;
# Renews the leases of instances without an agent, as long as their addresses respond.
use strict;
use warnings;
use Errno qw(ECONNREFUSED EINPROGRESS);
use Fcntl qw(F_SETFL O_NONBLOCK);
use Reyns::Lease qw(is_label is_address);
use Reyns::Message 'address_data';
use Reyns::Others;
use Reyns::Registration;
use Reyns::Server;
use Reyns::Settings qw(say_line);
use Socket;

# Nothing listens on this port (RFC 863); a running host refuses the connection.
use constant DISCARD => 9;
# Consecutive probes without a response after which an instance counts as dead.
use constant SILENCES => 2;
# The DNS is down or starting.
my $away = qr/does not answer|SERVFAIL/;

# Parameters: list (a file with one instance per line), key, interval (seconds between renewals), limit (timeout of a
# probe, in seconds), ttl.
sub new {
    my ($class, %of) = @_;
    my $all = Reyns::Others::list();
    return bless { %of, instances => {}, servers => {}, text => '', refused => {}, all_dns => $all }, $class;
}

# One round: reads the list again if it has changed, and probes every instance on it.
sub round {
    my ($self) = @_;
    $self->read_list;
    my $living = living([map { $_->{probe} } values %{ $self->{instances} }], $self->{limit});
    my %silent;
    for my $line (keys %{ $self->{instances} }) {
        # An instance that has left the list is about to stop and must not be registered again.
        $self->read_list;
        my $instance = $self->{instances}{$line} or next;
        my $server   = $instance->{server};
        my $lives    = $living->{ $instance->{probe} };
        # Skip a DNS that does not answer, or all other instances would wait for it, too.
        if (!$silent{$server}) {
            my $did = eval { $self->tend($instance, $lives); 1 };
            $silent{$server} = 1 if !$did && $@ =~ $away;
            $self->report($server, $did ? '' : $@);
        }
        $self->stand_in($instance, $lives, $silent{$server}) if $instance->{others};
    }
    return;
}

# While the first DNS is away, the others have the leases.
sub stand_in {
    my ($self, $instance, $lives, $is_silent) = @_;
    $instance->{missed} = $lives ? 0 : $instance->{missed} + 1;
    return $instance->{others}->leave if $instance->{missed} == SILENCES;
    return $lives && $is_silent && $instance->{others}->turn($instance->{address});
}

sub tend {
    my ($self, $instance, $lives) = @_;
    return $self->miss($instance) unless $lives;
    $instance->{silences} = 0;
    return if Reyns::Server::seconds() < $instance->{due};
    $instance->{registration}->turn($instance->{address});
    $instance->{others}->rest if $instance->{others};
    $instance->{due} = Reyns::Server::seconds() + $self->{interval} * (0.9 + rand 0.2);
    return;
}

sub miss {
    my ($self, $instance) = @_;
    return if ++$instance->{silences} != SILENCES;
    $instance->{due} = 0;
    return $instance->{registration}->deregister;
}

sub report {
    my ($self, $server, $problem) = @_;
    $problem = '' if $problem =~ $away;
    say_line("the DNS at $server: $problem" =~ s/\n//r) if $problem ne '' && $problem ne ($self->{refused}{$server} // '');
    $self->{refused}{$server} = $problem;
    return;
}

# Compares the text, because a new file may have the old modification time and inode.
sub read_list {
    my ($self) = @_;
    open my $file, '<', $self->{list} or return;
    my $text = do { local $/; <$file> } // '';
    return if $text eq $self->{text};
    $self->{text} = $text;
    my %instances = map { $_ => $self->{instances}{$_} // $self->new_instance($_) } split /\n/, $text;
    delete @instances{ grep { !defined $instances{$_} } keys %instances };
    $self->{instances} = \%instances;
    return;
}

# HOST SERVICE INSTANCE ADDRESS POLICY SERVER ZONE PROBE NODE
sub new_instance {
    my ($self, $line) = @_;
    my ($host, $service, $name, $address, $policy, $server, $zone, $probe, $node) = split / /, $line, 9;
    my $is_right = defined $probe
        && !grep({ !is_label($_) } $host, $service, $name, split /\./, $zone, -1)
        && !grep({ !is_address($_) } $address, $server, $probe)
        && $policy =~ /\A(?:REPLACE|APPEND)\z/;
    say_line("invalid line in the list of instances: '$line'") unless $is_right || $line eq '';
    return undef unless $is_right;
    ($node //= '') =~ s/[^\x20-\x7e]/?/g;
    my %registration = (
        zone      => $zone,
        ttl       => $self->{ttl},
        host      => $host,
        service   => $service,
        instance  => $name,
        policy    => $policy,
        node      => substr($node, 0, 200),
        is_shared => $address ne $probe,
    );
    my $registration = Reyns::Registration->new(server => $self->server($server), %registration);
    my %same = (key => $self->{key}, interval => $self->{interval}, first => $registration, own => $address);
    return {
        registration => $registration, address => $address, probe => $probe, server => $server,
        silences => 0, missed => 0, due => 0,
        others => $self->{all_dns} && Reyns::Others->new(list => $self->{all_dns}, %same, %registration),
    };
}

sub server {
    my ($self, $address) = @_;
    return $self->{servers}{$address} //= Reyns::Server->new(address => $address, key => $self->{key});
}

# { address => 1 } for each address that accepts or refuses a connection within the limit, in seconds.
sub living {
    my ($addresses, $limit) = @_;
    my $until = Reyns::Server::seconds() + $limit;
    my (%waiting, %lives);
    for my $address (@$addresses) {
        my ($socket, $lives) = knock($address);
        $lives{$address} = 1 if $lives;
        $waiting{ fileno $socket } = [$socket, $address] if $socket;
    }
    while (%waiting && (my $left = $until - Reyns::Server::seconds()) > 0) {
        my $ready = '';
        vec($ready, $_, 1) = 1 for keys %waiting;
        next unless select(undef, $ready, undef, $left) > 0;
        for my $number (grep { vec $ready, $_, 1 } keys %waiting) {
            my ($socket, $address) = @{ delete $waiting{$number} };
            $lives{$address} = 1 if is_sign_of_life(unpack 'i', getsockopt $socket, SOL_SOCKET, SO_ERROR);
        }
    }
    return \%lives;
}

# Returns a socket to wait for, or the result if it is available at once.
sub knock {
    my ($address) = @_;
    socket my $socket, AF_INET, SOCK_STREAM, 0 or die "cannot open a socket: $!\n";
    fcntl $socket, F_SETFL, O_NONBLOCK;
    return (undef, 1) if connect $socket, pack_sockaddr_in(DISCARD, address_data($address));
    return $! == EINPROGRESS ? ($socket, 0) : (undef, is_sign_of_life($! + 0));
}

sub is_sign_of_life { my ($error) = @_; return $error == 0 || $error == ECONNREFUSED }

1;

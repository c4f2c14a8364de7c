package Reyns::Agent;
# Schedules renewals and reports problems, with one line per change of state.
use strict;
use warnings;
use Reyns::Lease qw(is_label is_address);
use Reyns::Registration;
use Reyns::Server;
use Reyns::Settings qw(seconds_of zone_name ttl say_line);
use Reyns::Tsig 'read_key';

# The DNS is down or starting.
my $away = qr/does not answer|SERVFAIL/;

# Dies with a message if this instance cannot be registered.
sub new {
    my ($class, $key) = @_;
    my $given = $ENV{REYNS_ADDRESS} || $ENV{SERVICE_IP};
    is_address($given) or die "cannot register '$given': not an IPv4 address\n" if $given;
    is_address($ENV{DNS_SERVICE_IP}) or die "DNS_SERVICE_IP is not an IPv4 address: '$ENV{DNS_SERVICE_IP}'\n";
    my $tsig = read_key($key);
    my $server = Reyns::Server->new(address => $ENV{DNS_SERVICE_IP}, key => $tsig);
    my %registration = (is_shared => $given, identity());
    my $self = bless {
        server       => $server,
        address      => $given,
        registration => Reyns::Registration->new(server => $server, %registration),
        interval     => seconds_of(DNS_RENEW => 6),
        due          => 0,
        problem      => '',
        failures     => 0,
    }, $class;
    $self->await_health($registration{host}) if ($ENV{REYNS_HEALTH_CHECK} // '') ne '';
    $self->join_others(key => $tsig, %registration) if ($ENV{DNS_SECONDARIES} // '') ne '';
    return $self;
}

# Few instances are tasks of Swarm.
sub await_health {
    my ($self, $host) = @_;
    require Reyns::Health;
    return $self->{health} = Reyns::Health->new(check => $ENV{REYNS_HEALTH_CHECK}, host => $host);
}

# Most projects have a single DNS.
sub join_others {
    my ($self, %of) = @_;
    require Reyns::Others;
    my $list = Reyns::Others::list() or return;
    my %same = (interval => $self->{interval}, first => $self->{registration}, own => $self->{address});
    return $self->{others} = Reyns::Others->new(list => $list, %same, %of);
}

sub identity {
    my ($service, $instance) = map { lc } @ENV{qw(SERVICE INSTANCE)};
    my $host = "$service-$instance";
    is_label($_) or die "'$_' is not a valid DNS name\n" for $service, $instance, $host;
    my $node = $ENV{HOST_HOSTNAME} // '';
    $node =~ s/[^\x20-\x7e]/?/g;
    return (
        host     => $host,
        service  => $service,
        instance => $instance,
        policy   => uc($ENV{DNS_UPDATE_POLICY} // '') eq 'APPEND' ? 'APPEND' : 'REPLACE',
        node     => substr($node, 0, 200),
        zone     => zone_name(),
        ttl      => ttl(),
    );
}

sub hurry {
    my ($self) = @_;
    $self->{others}->hurry if $self->{others};
    return $self->{server}->hurry;
}

# Contacts the DNS if a renewal is due. Returns the seconds until the next one.
sub turn {
    my ($self) = @_;
    my $left = $self->{due} - Reyns::Server::seconds();
    return $left if $left > 0;
    # Names lead to a task of a Swarm service only once its health check passes, as Swarm's own names do.
    my $pause = $self->{health} ? $self->{health}->turn : 0;
    return $pause if $pause;
    my $began = Reyns::Server::seconds();
    $self->{server}->take_time;
    my $is_ours = eval { $self->{registration}->turn($self->address) };
    my $problem = defined $is_ours ? '' : $@;
    $self->tend_others($problem) if $self->{others};
    return 0 if $self->{server}{hurried};
    $self->{failures} = $problem ? $self->{failures} + 1 : 0;
    $self->report($problem || ($is_ours ? '' : 'taken'));
    $self->{due} = $began + $self->pause($problem);
    $self->{due} = $self->in_company($self->{due}) unless $problem;
    return $self->{due} - Reyns::Server::seconds();
}

# While the first DNS is away, the others have the lease.
sub tend_others {
    my ($self, $problem) = @_;
    my $others = $self->{others};
    $others->{hurried} = $self->{server}{hurried};
    return $others->rest unless $problem =~ $away;
    my $address = eval { $self->address } or return;
    return $self->{standing_in} = $others->turn($address);
}

# Rounds to a beat that all agents on a host share, because they have the same monotonic clock. Renewing together costs
# the host and the DNS half as much as renewing one by one.
sub in_company {
    my ($self, $due) = @_;
    my $beat = $self->{interval} / 5;
    return $beat * int($due / $beat + 0.5);
}

# Retry quickly if the DNS is down, to notice its start; back off if it refuses, which usually persists.
sub pause {
    my ($self, $problem) = @_;
    my $renewal = $self->{interval} * (0.9 + rand 0.2);
    return $renewal unless $problem;
    my $retry = 0.3 + rand 0.5;
    $retry *= 2**($self->{failures} < 8 ? $self->{failures} : 8) unless $problem =~ $away;
    return $retry < $renewal ? $retry : $renewal;
}

sub address {
    my ($self) = @_;
    return $self->{address} || $self->{server}->local_address || die "it does not answer\n";
}

# Reports a DNS that is down only if it stays down: a restart is not worth a message.
sub report {
    my ($self, $problem) = @_;
    my $now = Reyns::Server::seconds();
    $self->{silent_since} = $problem =~ $away ? $self->{silent_since} // $now : undef;
    return if defined $self->{silent_since} && $now - $self->{silent_since} < $self->{interval};
    return if $problem eq $self->{problem};
    $self->{problem} = $problem;
    chomp $problem;
    my ($dns, $host) = ("the DNS at $self->{server}{address}", $self->{registration}{host});
    return say_line("$host is registered with $dns again") unless $problem;
    return say_line("another instance now uses the name $host; waiting until it stops") if $problem eq 'taken';
    my $meanwhile = $problem =~ $away && $self->{standing_in} ? '; another DNS has its names meanwhile' : '';
    return say_line("cannot register $host with $dns: $problem$meanwhile");
}

# Deregisters the instance; best effort, with a timeout of half a second.
sub leave {
    my ($self) = @_;
    return if $self->{health} && !$self->{health}{has_passed};
    $self->{others}->leave if $self->{others};
    $self->{server}->take_time;
    eval { $self->{registration}->deregister };
    return;
}

1;

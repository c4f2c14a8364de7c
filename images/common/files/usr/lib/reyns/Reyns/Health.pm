package Reyns::Health;
# Runs the health check of a task until it passes once. Never waits for it: signals and the end of the service come first.
use strict;
use warnings;
use Reyns::Server;
use Reyns::Settings qw(seconds_of say_line);

# Seconds without success after which a line reports it.
use constant LONG => 60;
# With waitpid: do not wait. POSIX takes long to load.
use constant WNOHANG => 1;

# Parameters: check (a command line), host.
sub new {
    my ($class, %of) = @_;
    my %times = (interval => seconds_of(REYNS_HEALTH_INTERVAL => 5), timeout => seconds_of(REYNS_HEALTH_TIMEOUT => 30));
    return bless { %of, %times, since => Reyns::Server::seconds(), due => 0 }, $class;
}

# Returns the seconds until the next call, 0 once the check has passed.
sub turn {
    my ($self) = @_;
    return 0 if $self->{has_passed};
    my $now = Reyns::Server::seconds();
    if ($self->{pid} && waitpid $self->{pid}, WNOHANG) {
        @$self{qw(pid due)} = (undef, $now + $self->{interval});
        return $self->pass if $? == 0;
    }
    $self->report if !$self->{is_reported} && $now - $self->{since} >= LONG;
    $self->begin($now) if !$self->{pid} && $now >= $self->{due};
    # The signal of its end may come just before the wait.
    return $self->{pid} ? 1 : $self->{due} - $now;
}

sub begin {
    my ($self, $now) = @_;
    $self->{due} = $now + $self->{interval};
    my $pid = fork;
    return $self->{pid} = $pid if !defined $pid || $pid;
    $SIG{$_} = 'DEFAULT' for grep { defined $SIG{$_} } keys %SIG;
    open STDIN,  '<',  '/dev/null';
    open STDOUT, '>',  '/dev/null';
    open STDERR, '>&', \*STDOUT;
    exec 'timeout', '--kill-after=1', $self->{timeout}, '/bin/sh', '-c', $self->{check} or kill KILL => $$;
    return;
}

sub pass {
    my ($self) = @_;
    $self->{has_passed} = 1;
    say_line("the health check of $self->{host} passes now") if $self->{is_reported};
    return 0;
}

sub report {
    my ($self) = @_;
    $self->{is_reported} = 1;
    return say_line("$self->{host} has no names yet: its health check has not passed for ${\LONG} s");
}

1;

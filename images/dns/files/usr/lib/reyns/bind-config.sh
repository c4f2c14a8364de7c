# shellcheck shell=bash
# The settings of the DNS from its environment, and BIND's configuration and zone files.

zone=${DNS_ZONE:-local.zone}
ttl=${DNS_TTL:-5}
data=/data/bind
key=/run/named/tsig.key
reverse_zones=(10.in-addr.arpa {16..31}.172.in-addr.arpa 168.192.in-addr.arpa)

# TTLs are short because containers' addresses are short-lived. The name server is "localhost", which needs no address:
# BIND refuses to load a zone whose name server is inside the zone but has no address.
print_zone() {
  printf '%s\n' "\$TTL $ttl" "@ SOA dns.$zone. hostmaster.$zone. 1 3600 600 86400 2" '@ NS localhost.'
}

print_config() {
  print_options
  local name
  print_zone_clause "$zone" A TXT
  for name in "${reverse_zones[@]}"; do
    print_zone_clause "$name" PTR
  done
}

# Usage: print_zone_clause ZONE TYPE...
# No address belongs to the zone's own name, and a wildcard would answer for instances that are gone.
print_zone_clause() {
  cat << CLAUSE
zone "$1" {
  type primary;
  file "$data/$1.db";
  update-policy {
    deny reyns name "$1";
    deny reyns name "*.$1";
    grant reyns zonesub ${*:2};
  };
};
CLAUSE
}

# In the host's network, REYNS_LISTEN lists the addresses to answer at: SERVICE_IP, and the gateway of the project's
# network, where the instances ask. Anything else in it could be read as configuration.
listen_addresses() {
  local address
  [[ -n ${REYNS_LISTEN:-} ]] || { printf 'any;' && return; }
  printf '127.0.0.1;'
  for address in $REYNS_LISTEN; do
    [[ $address =~ ^[0-9.]{7,15}$ ]] && printf ' %s;' "$address"
  done
}

print_options() {
  cat << OPTIONS
include "$key";

// Loopback and all ranges that are not publicly routed (RFC 6890).
acl private {
  127/8; 10/8; 172.16/12; 192.168/16; 100.64/10; 169.254/16; 192.0.2/24; 198.51.100/24; 203.0.113/24; 198.18/15;
};

options {
  directory "$data";
  pid-file none;
  session-keyfile none;
  version none;
  hostname none;
  listen-on { $(listen_addresses) };
  listen-on-v6 { none; };

  allow-query { private; };
  allow-query-cache { private; };
  allow-recursion { private; };
  allow-transfer { key reyns; };
  notify no;

  // Docker's resolver, which uses the host's.
  forwarders { 127.0.0.11; };
  forward only;
  dnssec-validation no;
  empty-zones-enable no;
  max-cache-size 32m;
  max-ncache-ttl 5;
  // With the default, a query during the loading of the zones costs a second.
  servfail-ttl 0;
  // One name may have many instances; an update that exceeds this limit is refused.
  max-records-per-type 2000;
};

controls {};

logging {
  channel warnings { stderr; severity warning; };
  category default { warnings; };
  category lame-servers { null; };
};
OPTIONS
}

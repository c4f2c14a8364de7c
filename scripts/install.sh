#!/bin/sh
# Downloads Reyns, verifies its checksum, runs it once and installs it for the current user, without sudo.
#
#   curl -fsSL https://github.com/reyns/reyns/releases/latest/download/install.sh | sh
#   curl -fsSL … | sh -s -- --version 0.1.0 --dir ~/bin
#
# Runs in any POSIX shell and in zsh. Nothing runs before the last line, so an incomplete download does nothing. It writes
# a receipt for `reyns upgrade` and `reyns uninstall`.

usage() {
    cat <<'END'
Usage: install.sh [OPTION ...]

  --version VERSION  install this release, not the latest one   REYNS_VERSION
  --dir FOLDER       install to FOLDER, not to ~/.local/bin     REYNS_DIR
  --base-url URL     download from a mirror                     REYNS_BASE_URL
  --no-modify-path   do not change PATH and shell completion    REYNS_NO_MODIFY_PATH=1
  --dry-run          print the changes without making them      REYNS_DRY_RUN=1
  --uninstall        remove an installed reyns                  REYNS_UNINSTALL=1
  --help             print this help

Each option can be set by its variable; the option takes precedence. A mirror has the layout of GitHub:
URL/latest/download/FILE and URL/download/vVERSION/FILE.
END
}

mark='# added by the installer of reyns'
# In a file that this script created.
mark_of_file="$mark, with this file"
targets='linux-x64 linux-arm64 linux-x64-musl linux-arm64-musl darwin-x64 darwin-arm64'

# Prints each argument on a line.
say() { printf '%s\n' "$@"; }

warn() { printf 'reyns: %s\n' "$*" >&2; }

fail() {
    printf 'reyns: error: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# --- Options ---

read_options() {
    version=${REYNS_VERSION:-}
    dir=${REYNS_DIR:-}
    base_url=${REYNS_BASE_URL:-https://github.com/reyns/reyns/releases}
    dry_run=$(flag REYNS_DRY_RUN "${REYNS_DRY_RUN:-}") || exit 1
    keep_path=$(flag REYNS_NO_MODIFY_PATH "${REYNS_NO_MODIFY_PATH:-}") || exit 1
    uninstall=$(flag REYNS_UNINSTALL "${REYNS_UNINSTALL:-}") || exit 1
    while [ $# -gt 0 ]; do
        case $1 in
            --version | --dir | --base-url)
                [ $# -gt 1 ] || fail "$1 needs a value"
                set_option "$1" "$2"
                shift
                ;;
            --version=* | --dir=* | --base-url=*) set_option "${1%%=*}" "${1#*=}" ;;
            --dry-run) dry_run=yes ;;
            --no-modify-path) keep_path=yes ;;
            --uninstall) uninstall=yes ;;
            -h | --help)
                usage
                exit 0
                ;;
            *) fail "unknown option $1" "--help lists the options" ;;
        esac
        shift
    done
}

flag() {
    case $2 in
        '' | 0 | no | false) ;;
        1 | yes | true) say yes ;;
        *) fail "$1 is \"$2\"" "accepted: 1, yes, true, 0, no, false" ;;
    esac
}

set_option() {
    [ -n "$2" ] || fail "$1 needs a value"
    case $1 in
        --version) version=$2 ;;
        --dir) dir=$2 ;;
        --base-url) base_url=$2 ;;
    esac
}

check_options() {
    [ -n "${HOME:-}" ] || fail "HOME is not set" "set it, or the script cannot find your shell's files"
    version=${version#v}
    case $version in *[!0-9A-Za-z.+-]*) fail "\"$version\" is not a version" "for example: --version 0.1.0" ;; esac
    base_url=${base_url%/}
    case $base_url in
        *[!0-9A-Za-z.:/_~%+\[\]-]*) fail "the base URL $base_url has an unsupported character" ;;
        https://?*) protocols='=https' ;;
        # Only on this machine: without TLS, the download and its checksum could be manipulated.
        http://localhost | http://localhost[:/]* | http://127.0.0.1 | http://127.0.0.1[:/]* | http://\[::1\]*) protocols='=http,https' ;;
        *) fail "the base URL $base_url is not secure" "accepted: https://…, and http:// on this machine only" ;;
    esac
    : "${dir:=$HOME/.local/bin}"
    case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
    [ "$dir" = / ] || dir=${dir%/}
    data_home=${XDG_DATA_HOME:-$HOME/.local/share}
    config_home=${XDG_CONFIG_HOME:-$HOME/.config}
    for folder in "$dir" "$HOME" "$data_home" "$config_home" "${ZDOTDIR:-$HOME}"; do check_folder "$folder"; done
    file=$dir/reyns
    receipt=$data_home/reyns/receipt.json
}

# Rejects characters that would have to be escaped in the shells' files, the receipt or PATH.
check_folder() {
    # shellcheck disable=SC1003 # a backslash
    case $1 in
        *[:\"\`\$]* | *'\'* | *'
'*) fail "the path $1 contains one of : \" ' \` \$ \\ or a line break" "choose another folder with --dir" ;;
    esac
}

# --- Platform ---

detect_target() {
    system=$(uname -s)
    machine=$(uname -m)
    case $system in
        Linux) os=linux ;;
        Darwin) os=darwin ;;
        MINGW* | MSYS* | CYGWIN* | Windows_NT)
            fail "this installer is not for Windows" \
                "unpack reyns-VERSION-windows-x64.exe.gz (experimental) from $base_url"
            ;;
        *) unknown_platform ;;
    esac
    case $machine in
        x86_64 | amd64) cpu=x64 ;;
        aarch64 | arm64) cpu=arm64 ;;
        *) unknown_platform ;;
    esac
    # A shell under Rosetta reports an Intel machine.
    if [ "$os-$cpu" = darwin-x64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then cpu=arm64; fi
    target=$os-$cpu
    if [ "$os" = linux ] && is_musl; then target=$target-musl; fi
}

is_musl() {
    if has ldd; then
        case $(ldd --version 2>&1) in *musl*) return 0 ;; *) return 1 ;; esac
    fi
    for loader in /lib/ld-musl-*; do [ -e "$loader" ] && return 0; done
    return 1
}

unknown_platform() {
    fail "no release for $system on $machine" "supported: $targets"
}

# --- Downloads ---

choose_downloader() {
    if has curl; then
        downloader=curl
    elif has wget; then
        downloader=wget
        case $base_url$(wget --help 2>&1) in
            https:*BusyBox*) fail "BusyBox wget does not verify certificates" "install curl, then try again" ;;
            *BusyBox*) downloader=busybox ;;
        esac
    else
        fail "curl or wget is required" "install one of them, then try again"
    fi
}

choose_hasher() {
    if has sha256sum; then
        hasher=sha256sum
    elif has shasum; then
        hasher='shasum -a 256'
    elif has openssl; then
        hasher='openssl dgst -sha256 -r'
    else
        fail "sha256sum, shasum or openssl is required to verify the download"
    fi
}

# Downloads a URL to a file; "-" is standard output.
download() {
    case $downloader in
        wget) download_with_wget "$1" "$2" ;;
        # Only for http on this machine, where it need not verify anything; it cannot stop at redirects.
        busybox) wget -q -O "$2" "$1" ;;
        *)
            quiet=--silent
            if [ "$2" != - ] && [ -t 2 ]; then quiet=--progress-bar; fi
            curl --fail "$quiet" --show-error --location --proto "$protocols" --tlsv1.2 --retry 3 --output "$2" "$1"
            ;;
    esac
}

# Follows redirects itself: wget would follow one from https to http.
download_with_wget() {
    from=$1
    hops=0
    while [ "$hops" -le 10 ]; do
        case $protocols:$from in
            *:https://?* | *http,*:http://?*) ;;
            *) warn "refused, because it is not secure: $from"; return 1 ;;
        esac
        # The file may be standard output, so the headers come from standard error alone.
        if { headers=$(wget -qS --max-redirect=0 -O "$2" "$from" 2>&1 1>&3); } 3>&1; then return 0; fi
        next=$(printf '%s\n' "$headers" | tr -d '\r' | sed -n 's/^ *[Ll][Oo][Cc][Aa][Tt][Ii][Oo][Nn]: *//p' | tail -n 1)
        case $next in
            '') printf '%s\n' "$headers" | sed -n '/HTTP\/\|rror/p' >&2; return 1 ;;
            //*) next=${from%%:*}:$next ;;
            /*) rest=${from#*://}; next=${from%%:*}://${rest%%/*}$next ;;
        esac
        case $from:$next in https:*:http:*) warn "refused, because it is not secure: $next"; return 1 ;; esac
        from=$next
        hops=$((hops + 1))
    done
    warn "too many redirects: $1"
    return 1
}

hash_of() {
    # shellcheck disable=SC2086 # a command and its arguments
    line=$($hasher <"$1") || return 1
    say "${line%% *}"
}

max_sums=100000
failed_mark='# the download failed'

# Reads the release's checksums, which also tell which version is the latest.
find_release() {
    where=latest/download
    [ -z "$version" ] || where=download/v$version
    url=$base_url/$where/SHA256SUMS
    # It has a line for each platform; a shell would take any other file into its memory.
    sums=$({ download "$url" - || say "$failed_mark"; } | head -c "$max_sums")
    case $sums in *"$failed_mark") fail "cannot download $url" "check the version and the network connection" ;; esac
    [ "${#sums}" -lt "$max_sums" ] || fail "$url is larger than $max_sums bytes" "nothing was installed"
    named=$(printf '%s\n' "$sums" | sed -n "s/^\([0-9a-f]\{64\}\)  reyns-\([0-9][0-9A-Za-z.+-]*\)-$target\.gz\$/\2 \1/p")
    case $named in
        '') fail "$url has no checksum for $target" "nothing was installed" ;;
        *'
'*) fail "$url has several checksums for $target" "nothing was installed" ;;
    esac
    [ -z "$version" ] || [ "$version" = "${named% *}" ] ||
        fail "$url is for version ${named% *}, not $version" "nothing was installed"
    version=${named% *}
    sum=${named#* }
    url=$base_url/download/v$version/reyns-$version-$target.gz
}

# --- Installation ---

make_work_folder() {
    mkdir -p "$dir" || fail "cannot create the folder $dir" "choose another one with --dir"
    # In the target folder, so that the last step is an atomic rename.
    # mktemp(1) replaces the Xs.
    work=$(mktemp -d "$dir/.reyns-install-XXXXXX") || fail "cannot write to $dir" "choose another one with --dir"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' HUP TERM
}

fetch_executable() {
    say "downloading reyns $version for $target from $base_url"
    download "$url" "$work/reyns.gz" || fail "cannot download $url to $dir" "see the message above; the disk may be full"
    found=$(hash_of "$work/reyns.gz") || fail "cannot read the downloaded file"
    [ "$found" = "$sum" ] || fail "$url does not match the checksum of its release" \
        "SHA-256  $found" "expected $sum" "nothing was installed; try again, and report it if it happens again"
    gzip -dc "$work/reyns.gz" >"$work/reyns" || fail "cannot unpack $url to $dir" "see the message above; the disk may be full"
    chmod 755 "$work/reyns"
    # Releases are not built on a Mac, so this one has no valid signature.
    if [ "$target" = darwin-x64 ] && has codesign; then codesign --force --sign - "$work/reyns" || warn "cannot sign the executable"; fi
    said=$("$work/reyns" version 2>&1 </dev/null) || fail "the executable for $target does not run on this machine" "${said:-it printed nothing}" "$(libc_hint)"
    [ "$said" = "reyns $version" ] || fail "the executable printed \"$said\" instead of \"reyns $version\"" "nothing was installed"
}

libc_hint() {
    case $target in
        *-musl) say "on Alpine, run: apk add libstdc++" ;;
        *) say "nothing was installed" ;;
    esac
}

place_executable() {
    [ ! -d "$file" ] || fail "$file is a folder" "move it away, or choose another folder with --dir"
    before=''
    if [ -x "$file" ]; then before=$("$file" version 2>/dev/null </dev/null) || before=''; fi
    new_hash=$(hash_of "$work/reyns") || fail "cannot read the executable"
    mv -f "$work/reyns" "$file" || fail "cannot write $file"
}

# --- The shells' files ---

# Whether the user has a shell: it is the login shell, or its startup file exists.
uses() {
    shell=${SHELL:-}
    [ "${shell##*/}" = "$1" ] || [ -e "$2" ]
}

uses_bash() { uses bash "$HOME/.bashrc"; }

uses_zsh() { uses zsh "${ZDOTDIR:-$HOME}/.zshrc"; }

uses_fish() { uses fish "$config_home/fish"; }

# Prints the startup files of the user's shells, one per line.
shell_files() {
    if uses_bash; then say "$HOME/.bashrc"; fi
    # Bash reads the first of these that exists; other shells read .profile.
    login=$HOME/.profile
    for name in .bash_login .bash_profile; do [ ! -e "$HOME/$name" ] || login=$HOME/$name; done
    shell=${SHELL:-}
    case ${shell##*/} in
        zsh | fish) [ ! -e "$login" ] || say "$login" ;;
        *) say "$login" ;;
    esac
    if uses_zsh; then say "${ZDOTDIR:-$HOME}/.zshrc"; fi
    if uses_fish; then say "$config_home/fish/conf.d/reyns.fish"; fi
}

# Prints one shell and its completion file per line.
completion_files() {
    if uses_bash; then say "bash $data_home/bash-completion/completions/reyns"; fi
    if uses_zsh; then say "zsh $data_home/reyns/completion.zsh"; fi
    if uses_fish; then say "fish $config_home/fish/completions/reyns.fish"; fi
}

# Writes the completion files and sets `completions` to their names. A version without completion has none.
write_completions() {
    completions=''
    while read -r shell place; do
        [ -n "$place" ] || continue
        if [ -n "$keep_path" ]; then
            [ -f "$place" ] || continue
        elif script=$("$file" completion "$shell" 2>/dev/null </dev/null) && [ -n "$script" ]; then
            if ! { mkdir -p "${place%/*}" && say "$script" >"$place"; }; then
                warn "cannot write $place"
                continue
            fi
        else
            rm -f "$place"
            continue
        fi
        completions="$completions$place
"
    done <<END
$(completion_files)
END
}

path_line() {
    case $1 in
        *.fish) say "contains \"$dir\" \$PATH; or set -gx PATH \"$dir\" \$PATH $2" ;;
        *) say "case \":\$PATH:\" in *\":$dir:\"*) ;; *) export PATH=\"$dir:\$PATH\" ;; esac $2" ;;
    esac
}

marked_lines() { grep -F "$mark" "$1" 2>/dev/null || true; }

is_made_here() { marked_lines "$1" | grep -qF "$mark_of_file"; }

# Prints the lines for a startup file. If the folder is on the PATH already, PATH needs no line unless it is there by one.
wanted_lines() {
    end=$mark
    if [ ! -e "$1" ] || is_made_here "$1"; then end=$mark_of_file; fi
    if [ -z "$on_path" ] || marked_lines "$1" | grep -q ' PATH'; then path_line "$1" "$end"; fi
    case $1:$completions in
        *.zshrc:*completion.zsh*) say "if ((\$+functions[compdef])); then source \"$data_home/reyns/completion.zsh\"; fi $end" ;;
    esac
}

# Sets `edited` to the files with marked lines, and `now` to the changed files.
edit_shell_files() {
    edited=''
    now=''
    on_path=''
    case ":$PATH:" in *":$dir:"*) on_path=yes ;; esac
    while read -r rc; do
        present=$(marked_lines "$rc")
        wanted=$present
        [ -n "$keep_path" ] || wanted=$(wanted_lines "$rc")
        if [ "$wanted" != "$present" ]; then
            [ -n "$dry_run" ] || edit_shell_file "$rc" || { warn "cannot write $rc; it was not changed"; continue; }
            now="$now
  $rc"
        fi
        [ -z "$wanted" ] || edited="$edited$rc
"
    done <<END
$(shell_files)
END
}

edit_shell_file() {
    mkdir -p "${1%/*}" || return 1
    remove_marked_lines "$1" || return 1
    [ -n "$wanted" ] || return 0
    lines=$wanted
    # The last line of the file may have no line break.
    if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then
        lines="
$lines"
    fi
    say "$lines" >>"$1"
}

# Removes the marked lines from a file. Writes in place, because it may be a link, and to keep its mode.
remove_marked_lines() {
    [ -n "$(marked_lines "$1")" ] || return 0
    # mktemp(1) replaces the Xs.
    copy=$(mktemp "${TMPDIR:-/tmp}/reyns-XXXXXX") || return 1
    grep -vF "$mark" "$1" >"$copy" || [ $? -eq 1 ] || return 1
    cat "$copy" >"$1" || return 1
    rm -f "$copy"
}

# --- The receipt ---

write_receipt() {
    mkdir -p "${receipt%/*}" || return 1
    # It may be a link to somewhere else.
    rm -f "$receipt.new"
    {
        say '{'
        say '  "schema": 1,'
        say "  \"version\": \"$version\","
        say "  \"target\": \"$target\","
        say "  \"file\": \"$file\","
        say "  \"sha256\": \"$new_hash\","
        say "  \"baseUrl\": \"$base_url\","
        say "  \"source\": \"$url\","
        say "  \"sourceSha256\": \"$sum\","
        say "  \"installedAt\": \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\","
        say "  \"installedBy\": \"install.sh\","
        list_of shellFiles "$edited" ,
        list_of completionFiles "$completions" ''
        say '}'
    } >"$receipt.new" && mv -f "$receipt.new" "$receipt"
}

list_of() {
    if [ -z "$2" ]; then
        say "  \"$1\": []$3"
    else
        say "  \"$1\": ["
        printf '%s' "$2" | sed -e 's/.*/    "&"/' -e '$!s/$/,/'
        say "  ]$3"
    fi
}

# Prints the value of a field of the receipt, which has one per line.
field() { sed -n "s/^  \"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" "$receipt"; }

# Prints the values of a list of the receipt.
list_field() {
    sed -n "/^  \"$1\": \[\$/,/^  \]/s/^    \"\(.*\)\",\{0,1\}\$/\1/p" "$receipt"
}

# --- Commands ---

install() {
    detect_target
    choose_downloader
    choose_hasher
    has gzip || fail "gzip is required to unpack the download"
    find_release
    if [ -n "$dry_run" ]; then
        say "would install reyns $version for $target as $file"
        say "  from $url"
        say "  with SHA-256 $sum"
        completions=''
        [ -n "$keep_path" ] || completions=$(completion_files | sed 's/^[a-z]* /  /')
        edit_shell_files
        [ -z "$now" ] || say "would add it to PATH in$now"
        [ -z "$completions" ] || say "would write shell completion to" "$completions"
        say "would write a receipt: $receipt" "nothing was changed"
        return
    fi
    earlier=''
    [ ! -f "$receipt" ] || earlier=$(field file)
    make_work_folder
    fetch_executable
    place_executable
    write_completions
    edit_shell_files
    write_receipt || fail "reyns is installed, but $receipt cannot be written" "upgrade and uninstall need it: make it writable and install again"
    report
}

report() {
    case $before in
        '' | "reyns $version") say "installed: $file" ;;
        *) say "installed: $file, was ${before#reyns }" ;;
    esac
    [ -z "$now" ] || say "changed:$now"
    if [ -z "$on_path" ]; then
        next_step='new terminals find it; in this one, run'
        [ -n "$edited" ] || next_step='not on the PATH; run'
        say "$next_step: export PATH=\"$dir:\$PATH\""
    else
        first=$(command -v reyns || true)
        [ "$first" = "$file" ] || warn "$first precedes it on the PATH"
    fi
    if [ -n "$earlier" ] && [ "$earlier" != "$file" ] && [ -e "$earlier" ]; then
        warn "an earlier installation remains at $earlier; remove it by hand"
    fi
    say "Get started: reyns help"
}

uninstall() {
    [ -f "$receipt" ] || fail "not installed by this script: there is no $receipt" "remove the executable by hand, if there is one"
    file=$(field file)
    wanted=$(field sha256)
    [ -n "$file$wanted" ] || fail "invalid receipt: $receipt" "remove the executable and this file by hand"
    choose_hasher
    if [ -e "$file" ]; then
        found=$(hash_of "$file") || fail "cannot read $file"
        [ "$found" = "$wanted" ] || fail "$file has changed since its installation" \
            "SHA-256  $found" "expected $wanted" "it was not removed; remove it by hand if it is yours"
    fi
    if [ -n "$dry_run" ]; then
        say "would remove $file" "$receipt"
        list_field completionFiles
        say "and lines from"
        list_field shellFiles
        return
    fi
    while read -r place; do
        [ -z "$place" ] || rm -f "$place" || fail "cannot remove $place"
    done <<END
$(list_field completionFiles)
END
    while read -r rc; do
        [ -n "$rc" ] || continue
        made=''
        if is_made_here "$rc"; then made=yes; fi
        remove_marked_lines "$rc" || fail "cannot write $rc" "remove the lines that end in \"$mark\" by hand"
        if [ -n "$made" ] && [ ! -s "$rc" ]; then rm -f "$rc"; fi
    done <<END
$(list_field shellFiles)
END
    rm -f "$file" || fail "cannot remove $file"
    rm -f "$receipt"
    rmdir "${receipt%/*}" 2>/dev/null || true
    say "removed: $file, its receipt, and its lines in the shells' startup files"
    say "Kept: projects with their keys and data, and all containers and images."
}

main() {
    # By default, zsh expands names and splits words differently.
    [ -z "${ZSH_VERSION:-}" ] || emulate sh
    set -eu
    read_options "$@"
    check_options
    if [ -n "$uninstall" ]; then uninstall; else install; fi
}

# In braces, so that a truncated line is a syntax error instead of a call with fewer arguments.
{ main "$@"; }

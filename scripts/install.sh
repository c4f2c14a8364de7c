#!/bin/sh
# Installs Reyns for the user who calls it: one executable, checked, without sudo.
#
#   curl -fsSL https://github.com/reyns/reyns/releases/latest/download/install.sh | sh
#   curl -fsSL … | sh -s -- --version 0.1.0 --dir ~/bin
#
# Runs in any POSIX shell, zsh too. Nothing happens before the last line, so a download that breaks off runs
# nothing. The project's own `reyns upgrade` and `reyns uninstall` read the receipt that it leaves.

usage() {
    cat <<'END'
Usage: install.sh [OPTION ...]

  --version VERSION  this release instead of the latest one     REYNS_VERSION
  --dir FOLDER       where to put it, else ~/.local/bin         REYNS_DIR
  --base-url URL     where releases are, for a mirror           REYNS_BASE_URL
  --no-modify-path   leave the shells alone, completion too     REYNS_NO_MODIFY_PATH=1
  --dry-run          only say what would be done                REYNS_DRY_RUN=1
  --uninstall        take out what an earlier call has put in   REYNS_UNINSTALL=1
  --help             this

The variable of an option does the same; the option wins. A mirror has URL/latest/download/FILE and
URL/download/vVERSION/FILE, as GitHub has them.
END
}

mark='# added by the installer of reyns'
# For a file that was not there before.
mark_of_file="$mark, with this file"
targets='linux-x64 linux-arm64 linux-x64-musl linux-arm64-musl darwin-x64 darwin-arm64'

# Each word is a line.
say() { printf '%s\n' "$@"; }

warn() { printf 'reyns: %s\n' "$*" >&2; }

fail() {
    printf 'reyns: error: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# --- What is wanted ---

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
            *) fail "unknown option $1" "--help lists what there is" ;;
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
    [ -n "${HOME:-}" ] || fail "HOME is not set, so there is nowhere to install to"
    version=${version#v}
    case $version in *[!0-9A-Za-z.+-]*) fail "\"$version\" is not a version" "for example: --version 0.1.0" ;; esac
    base_url=${base_url%/}
    case $base_url in
        *[!0-9A-Za-z.:/_~%+\[\]-]*) fail "the base URL $base_url has a character that is not accepted" ;;
        https://?*) protocols='=https' ;;
        # Without TLS anybody on the way could change the sums with the file: on this machine only.
        http://localhost | http://localhost[:/]* | http://127.0.0.1 | http://127.0.0.1[:/]* | http://\[::1\]*) protocols='=http,https' ;;
        *) fail "the base URL $base_url is not safe" "accepted: https://…, and http:// on this machine only" ;;
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

# What would need other quotes in a shell's file, in the receipt, or in PATH.
check_folder() {
    # shellcheck disable=SC1003 # a backslash
    case $1 in
        *[:\"\`\$]* | *'\'* | *'
'*) fail "the folder $1 has one of : \" ' \` \$ \\ or a line break in its name" "choose another one with --dir" ;;
    esac
}

# --- Which executable ---

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
    # A shell that Rosetta translates takes its machine for an Intel one.
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
    fail "there is no executable for $system on $machine" "there are: $targets"
}

# --- Downloads ---

choose_downloader() {
    if has curl; then
        downloader=curl
    elif has wget; then
        downloader=wget
        case $base_url$(wget --help 2>&1) in
            https:*BusyBox*) fail "the wget of BusyBox does not check certificates" "install curl, then try again" ;;
        esac
    else
        fail "needs curl or wget" "install one of them, then try again"
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
        fail "needs sha256sum, shasum or openssl to check what it downloads"
    fi
}

# Writes what is at a URL to a file; "-" is standard output.
download() {
    case $downloader in
        wget) wget -q -O "$2" "$1" ;;
        *)
            quiet=--silent
            if [ "$2" != - ] && [ -t 2 ]; then quiet=--progress-bar; fi
            curl --fail "$quiet" --show-error --location --proto "$protocols" --tlsv1.2 --retry 3 --output "$2" "$1"
            ;;
    esac
}

hash_of() {
    # shellcheck disable=SC2086 # a command and its words
    line=$($hasher <"$1") || return 1
    say "${line%% *}"
}

# The release's list of sums says which version is the latest, and what each file has to be.
find_release() {
    where=latest/download
    [ -z "$version" ] || where=download/v$version
    url=$base_url/$where/SHA256SUMS
    sums=$(download "$url" -) || fail "cannot get $url" "is the version right, and the network there?"
    named=$(printf '%s\n' "$sums" | sed -n "s/^\([0-9a-f]\{64\}\)  reyns-\([0-9][0-9A-Za-z.+-]*\)-$target\.gz\$/\2 \1/p")
    case $named in
        '') fail "$url has no sum for $target" "nothing is installed without one" ;;
        *'
'*) fail "$url has several sums for $target" "nothing is installed with a doubt" ;;
    esac
    [ -z "$version" ] || [ "$version" = "${named% *}" ] ||
        fail "$url is that of ${named% *}, not of $version" "nothing is installed with a doubt"
    version=${named% *}
    sum=${named#* }
    url=$base_url/download/v$version/reyns-$version-$target.gz
}

# --- Putting it in place ---

make_work_folder() {
    mkdir -p "$dir" || fail "cannot make the folder $dir" "choose another one with --dir"
    # Beside its place, so that the last step is a rename, which cannot be half done.
    # mktemp(1) replaces the Xs by letters that nobody has there yet.
    work=$(mktemp -d "$dir/.reyns-install-XXXXXX") || fail "cannot write to $dir" "choose another one with --dir"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' HUP TERM
}

fetch_executable() {
    say "reyns $version for $target, from $base_url"
    download "$url" "$work/reyns.gz" || fail "cannot get $url into $dir" "see the message above; is the disk full?"
    found=$(hash_of "$work/reyns.gz") || fail "cannot read what was downloaded"
    [ "$found" = "$sum" ] || fail "$url is not what the release says" \
        "SHA-256 is   $found" "it should be $sum" "nothing was installed; try again, and report it if it stays so"
    gzip -dc "$work/reyns.gz" >"$work/reyns" || fail "cannot unpack $url into $dir" "see the message above; is the disk full?"
    chmod 755 "$work/reyns"
    # Its signature was not made on a Mac, and is not valid there.
    if [ "$target" = darwin-x64 ] && has codesign; then codesign --force --sign - "$work/reyns" || warn "cannot sign it"; fi
    said=$("$work/reyns" version 2>&1 </dev/null) || fail "the executable for $target does not run here" "${said:-it says nothing}" "$(libc_hint)"
    [ "$said" = "reyns $version" ] || fail "the executable says \"$said\" instead of \"reyns $version\"" "nothing was installed"
}

libc_hint() {
    case $target in
        *-musl) say "on Alpine it needs: apk add libstdc++" ;;
        *) say "nothing was installed" ;;
    esac
}

place_executable() {
    [ ! -d "$file" ] || fail "$file is a folder" "move it away, or choose another place with --dir"
    before=''
    if [ -x "$file" ]; then before=$("$file" version 2>/dev/null </dev/null) || before=''; fi
    new_hash=$(hash_of "$work/reyns") || fail "cannot read the executable"
    mv -f "$work/reyns" "$file" || fail "cannot write $file"
}

# --- The shells' files ---

# Whether this user has a shell: it is the one of the login, or has left a file.
uses() {
    shell=${SHELL:-}
    [ "${shell##*/}" = "$1" ] || [ -e "$2" ]
}

uses_bash() { uses bash "$HOME/.bashrc"; }

uses_zsh() { uses zsh "${ZDOTDIR:-$HOME}/.zshrc"; }

uses_fish() { uses fish "$config_home/fish"; }

# One a line, those that the shells of this user read.
shell_files() {
    if uses_bash; then say "$HOME/.bashrc"; fi
    # Of these, bash reads the first that there is; others read the last.
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

# One a line: a shell, and the file that has its completion.
completion_files() {
    if uses_bash; then say "bash $data_home/bash-completion/completions/reyns"; fi
    if uses_zsh; then say "zsh $data_home/reyns/completion.zsh"; fi
    if uses_fish; then say "fish $config_home/fish/completions/reyns.fish"; fi
}

# Sets `completions` to the files that are there afterwards. A version that completes nothing leaves none.
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

# Those that a file should have. What is on the PATH already needs none, unless it is there by one.
wanted_lines() {
    end=$mark
    if [ ! -e "$1" ] || is_made_here "$1"; then end=$mark_of_file; fi
    if [ -z "$on_path" ] || marked_lines "$1" | grep -q ' PATH'; then path_line "$1" "$end"; fi
    case $1:$completions in
        *.zshrc:*completion.zsh*) say "if ((\$+functions[compdef])); then source \"$data_home/reyns/completion.zsh\"; fi $end" ;;
    esac
}

# Sets `edited` to the files that hold lines of ours, and `now` to those that were changed.
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
            [ -n "$dry_run" ] || edit_shell_file "$rc" || { warn "cannot write $rc, it stays as it is"; continue; }
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
    take_out "$1" || return 1
    [ -n "$wanted" ] || return 0
    lines=$wanted
    # Somebody's last line may have no end yet.
    if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then
        lines="
$lines"
    fi
    say "$lines" >>"$1"
}

# Takes the marked lines out of a file. Written through, not replaced: it may be a link, and its mode stays.
take_out() {
    [ -n "$(marked_lines "$1")" ] || return 0
    # mktemp(1) replaces the Xs, as above.
    copy=$(mktemp "${TMPDIR:-/tmp}/reyns-XXXXXX") || return 1
    grep -vF "$mark" "$1" >"$copy" || [ $? -eq 1 ] || return 1
    cat "$copy" >"$1" || return 1
    rm -f "$copy"
}

# --- The receipt ---

write_receipt() {
    mkdir -p "${receipt%/*}" || return 1
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

# The value of one of the receipt's fields, which stand one a line.
field() { sed -n "s/^  \"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" "$receipt"; }

# The values of one of its lists.
list_field() {
    sed -n "/^  \"$1\": \[\$/,/^  \]/s/^    \"\(.*\)\",\{0,1\}\$/\1/p" "$receipt"
}

# --- The two things that it does ---

install() {
    detect_target
    choose_downloader
    choose_hasher
    has gzip || fail "needs gzip to unpack what it downloads"
    find_release
    if [ -n "$dry_run" ]; then
        say "would install reyns $version for $target as $file"
        say "  from $url"
        say "  with SHA-256 $sum"
        completions=''
        [ -n "$keep_path" ] || completions=$(completion_files | sed 's/^[a-z]* /  /')
        edit_shell_files
        [ -z "$now" ] || say "would put it on the PATH in$now"
        [ -z "$completions" ] || say "would write what completes its words" "$completions"
        say "and a receipt: $receipt" "nothing was changed"
        return
    fi
    earlier=''
    [ ! -f "$receipt" ] || earlier=$(field file)
    make_work_folder
    fetch_executable
    place_executable
    write_completions
    edit_shell_files
    write_receipt || fail "reyns is in place, but $receipt cannot be written" "so upgrade and uninstall will not work; mend it and install again"
    report
}

report() {
    case $before in
        '' | "reyns $version") say "installed: $file" ;;
        *) say "installed: $file, was ${before#reyns }" ;;
    esac
    [ -z "$now" ] || say "changed:$now"
    if [ -z "$on_path" ]; then
        found_by='new terminals find it there; for this one'
        [ -n "$edited" ] || found_by='it is not on the PATH'
        say "$found_by: export PATH=\"$dir:\$PATH\""
    else
        first=$(command -v reyns || true)
        [ "$first" = "$file" ] || warn "$first comes first on the PATH, and hides it"
    fi
    if [ -n "$earlier" ] && [ "$earlier" != "$file" ] && [ -e "$earlier" ]; then
        warn "$earlier, installed earlier, is still there; remove it by hand"
    fi
    say "Begin with: reyns help"
}

uninstall() {
    [ -f "$receipt" ] || fail "there is no $receipt: this installer has installed nothing here" "if the executable is there, remove it by hand"
    file=$(field file)
    wanted=$(field sha256)
    [ -n "$file$wanted" ] || fail "$receipt cannot be read" "remove the executable and this file by hand"
    choose_hasher
    if [ -e "$file" ]; then
        found=$(hash_of "$file") || fail "cannot read $file"
        [ "$found" = "$wanted" ] || fail "$file is not what was installed there" \
            "SHA-256 is   $found" "it should be $wanted" "so it stays; remove it by hand if it is yours"
    fi
    if [ -n "$dry_run" ]; then
        say "would remove $file" "$receipt"
        list_field completionFiles
        say "and lines of"
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
        take_out "$rc" || fail "cannot write $rc" "take out by hand what has \"$mark\" at its end"
        if [ -n "$made" ] && [ ! -s "$rc" ]; then rm -f "$rc"; fi
    done <<END
$(list_field shellFiles)
END
    rm -f "$file" || fail "cannot remove $file"
    rm -f "$receipt"
    rmdir "${receipt%/*}" 2>/dev/null || true
    say "removed: $file, its receipt, and its lines in the shells' files"
    say "What stays: projects with their keys and data, and what runs or was built on" Docker.
}

main() {
    # In zsh, names are looked up and words are split in other ways, unless it is asked to be like sh.
    [ -z "${ZSH_VERSION:-}" ] || emulate sh
    set -eu
    read_options "$@"
    check_options
    if [ -n "$uninstall" ]; then uninstall; else install; fi
}

# In braces: a line that is cut off is then an error of syntax, not a call with fewer words.
{ main "$@"; }

# rules.sh - the house rules that need no other tool than awk, grep and the compiler. Read by tests/lint/run.
# shellcheck shell=bash disable=SC2154  # $root and $scratch come from tests/lint/run

# Our own C files below $root.
c_files() {
    find "$root/include" "$root/services" "$root/tests" -name '*.[ch]' 2>/dev/null | sort
}

# Everything that people wrote and machines read.
source_files() {
    c_files
    find "$root/proto" -name '*.proto' 2>/dev/null | sort
    find "$root" -name CMakeLists.txt -not -path '*/build*' -not -path '*/node_modules/*' 2>/dev/null | sort
    shell_files
}

shell_files() {
    {
        find "$root/deploy" "$root/tests" "$root/.ci" -type f -name '*.sh' -not -path '*/node_modules/*' \
            2>/dev/null
        grep -rlIE --exclude-dir=corpus --exclude-dir=node_modules '^#!/(usr/)?bin/(env )?(ba)?sh' \
            "$root/deploy" "$root/tests" "$root/.ci" 2>/dev/null
    } | sort -u
}

# Which room may include which: domain knows contracts only; wire and store add their library; runtime adds
# wire, view as well; a service may join all rooms but includes no other service; the command line may drive
# the simulator in kader.
rule_include_directions() {
    local file room allowed
    find "$root/include" "$root/services" -name '*.[ch]' | sort | while read -r file; do
        room=$(basename "$(dirname "$file")")
        case $room in
        cakupan | domain) allowed="cakupan domain" ;;
        wire) allowed="cakupan wire" ;;
        store) allowed="cakupan store" ;;
        runtime) allowed="cakupan runtime wire" ;;
        view) allowed="cakupan wire view" ;;
        cli) allowed="cakupan domain wire store runtime view cli kader" ;;
        *) allowed="cakupan domain wire store runtime view $room" ;;
        esac
        [[ $room != cakupan ]] || allowed=cakupan
        awk -v room="$room" -v allowed=" $allowed " -v file="$file" '
            /^#include "/ {
                split($2, part, "\"")
                path = part[2]
                from = index(path, "/") ? substr(path, 1, index(path, "/") - 1) : room
                if (path ~ /\.pb-c\.h$/) from = room == "domain" || room == "store" ? "proto" : room
                if (!index(allowed, " " from " "))
                    print file ":" FNR ": " room " may not include " path
            }
            /^#include </ {
                split($2, part, /[<>]/)
                header = part[2]
                standard = header ~ /^(assert|inttypes|limits|std(arg|bool|def|int|io|lib)|string)\.h$/
                foreign = header ~ /^(czmq|zmq|sqlite3|hiredis|sodium|jansson|protobuf-c)/
                if ((room == "domain" || room == "cakupan") && !standard)
                    print file ":" FNR ": " room " may not include <" header ">"
                if (room == "wire" && foreign && header !~ /^protobuf-c/)
                    print file ":" FNR ": wire may not include <" header ">"
                if (room == "store" && foreign && header ~ /^(czmq|zmq|protobuf-c)/)
                    print file ":" FNR ": store may not include <" header ">"
                if (room == "runtime" && foreign && header ~ /^(sqlite3|hiredis|protobuf-c)/)
                    print file ":" FNR ": runtime may not include <" header ">"
            }' "$file"
    done
}

# A contract is readable without its neighbours: every public header compiles alone, as standard C.
rule_headers_stand_alone() {
    local header
    for header in "$root"/include/cakupan/*.h; do
        gcc -std=c17 -pedantic -Wall -Wextra -Werror -I "$root/include" -fsyntax-only -x c "$header" 2>&1 |
            grep -E 'error|warning' | grep -v 'pragma once in main file'
    done
}

# The folds are pure: what domain's objects call is on this list, and they hold no variable of file scope.
# Built without PIE so that constant tables of pointers are read-only data, too.
rule_domain_is_pure() {
    local file object
    local allowed='mem(cpy|cmp|set|move|chr)|str(len|nlen|cmp|ncmp|chr|rchr)|v?snprintf|'
    allowed+='malloc|calloc|realloc|free|aligned_alloc|'
    allowed+='__popcountdi2|abort|qsort|bsearch|__assert_fail|__stack_chk_fail|mmap|munmap|madvise'
    mkdir -p "$scratch/domain"
    for file in "$root"/services/domain/*.c; do
        gcc -std=gnu17 -D_GNU_SOURCE -O1 -fno-pie -I "$root/include" -I "$root/services" -c "$file" \
            -o "$scratch/domain/$(basename "$file" .c).o" 2>&1 | grep error
    done
    for object in "$scratch"/domain/*.o; do
        nm -o --format=posix --defined-only "$object"
    done | awk '{ defined[$2] = 1; sub(/.*domain\//, "", $1)
                  if ($3 ~ /^[BbDdCGgSs]$/) print "services/domain/" $1 " variable of file scope: " $2 }
                END { for (name in defined) print name > names }' names="$scratch/defined"
    for object in "$scratch"/domain/*.o; do
        nm --format=posix --undefined-only "$object" | awk '{ print $1 }' | grep -vxFf "$scratch/defined" |
            grep -vxE "$allowed" | sed "s|^|services/domain/$(basename "$object" .o).c calls |"
    done
    rm -rf "$scratch/domain"
}

# 70 lines are the limit for a function, from the first line of its signature to its closing brace.
rule_function_length() {
    local file
    c_files | while read -r file; do
        awk -v file="$file" '
            /^[A-Za-z_]/ && !open && !/;[ \t]*$/ { if (!start) { start = FNR; text = $0 } }
            /^[A-Za-z_ ].*\{[ \t]*$/ && !open && start { open = start }
            !open && /;[ \t]*$/ { start = 0 }
            /^}/ {
                if (open && text ~ /\(/ && text !~ /^(struct|enum|union|typedef|static const)[^(]*[={]/) {
                    length_of = FNR - open + 1
                    if (length_of > 70) {
                        sub(/\(.*/, "", text)
                        print file ":" open ": " text " has " length_of " lines"
                    }
                }
                open = 0
                start = 0
            }' "$file"
    done
}

# Columns, not bytes: continuation bytes of UTF-8 do not count.
rule_line_length() {
    local file
    source_files | while read -r file; do
        LC_ALL=C tr -d '\200-\277' <"$file" |
            awk -v file="$file" 'length($0) > 110 { print file ":" FNR ": " length($0) " columns" }'
    done
}

# The first lines of each file tell a stranger what it is for.
rule_opening_comment() {
    local file first
    source_files | while read -r file; do
        first=$(grep -vE -m 1 '^#!|^syntax' "$file")
        [[ $first =~ ^(/\*|//|#)\ .{12,} ]] ||
            echo "$file: does not begin with a comment that says what it is for"
    done
}

rule_unfinished_words() {
    source_files |
        xargs -d '\n' grep -nHE 'TO''DO|FIX''ME|\bX''XX\b|HA''CK|for no''w\b|simpli''fied|not implement''ed' |
        grep -v '^[^:]*corpus'
}

# A helper that exists twice will be mended once: no two static functions of services/ with the same name and
# body.
rule_duplicate_helpers() {
    find "$root/services" -name '*.c' | sort | xargs -d '\n' awk '
        /^static .*\) \{$/ { signature = $0; body = ""; where = FILENAME ":" FNR; inside = 1; next }
        inside && /^}/ {
            inside = 0
            lines = gsub(/\n/, "\n", body)
            if (lines >= 3 && (signature body) in seen)
                print where ": same function as in " seen[signature body] ": " signature
            else
                seen[signature body] = where
        }
        inside { body = body $0 "\n" }'
}

# exit(0) inside a test passes unseen (each test is a child process); _exit is for children that tests fork.
rule_exit_in_tests() {
    grep -nHE '(^|[^_[:alnum:]])exit *\(' "$root"/tests/unit/*.c "$root"/tests/contract/*.c 2>/dev/null
}

# Whoever sends bytes may be broken or hostile: every decoder of the wire, of HTTP and of the contracts has a
# fuzz target that calls it. (Readers of files that people edit have theirs, too: city_files, pairing, lists.)
rule_decoders_are_fuzzed() {
    local decoder
    cat "$root"/services/wire/*.h "$root"/services/gateway/*.h "$root"/include/cakupan/*.h 2>/dev/null |
        grep -oE '\b[a-z_]+_(decode|unpack)\(' | sort -u | while read -r decoder; do
        grep -qF "$decoder" "$root"/tests/fuzz/*.c 2>/dev/null || echo "tests/fuzz: nothing calls $decoder)"
    done
}

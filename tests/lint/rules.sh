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
    find "$root/include" "$root/services" -name '*.[ch]' | sort | xargs -d '\n' awk '
        FNR == 1 {
            room = FILENAME
            sub(/\/[^\/]*$/, "", room)
            sub(/.*\//, "", room)
            allowed = "cakupan domain wire store runtime view " room
            if (room ~ /^(wire|store)$/) allowed = "cakupan " room
            if (room == "domain") allowed = "cakupan domain"
            if (room == "cakupan") allowed = "cakupan"
            if (room == "runtime") allowed = "cakupan runtime wire"
            if (room == "view") allowed = "cakupan wire view"
            if (room == "cli") allowed = allowed " kader"
        }
        function complain(what) { print FILENAME ":" FNR ": " room " may not include " what }
        /^#include "/ {
            split($2, part, "\"")
            path = part[2]
            from = index(path, "/") ? substr(path, 1, index(path, "/") - 1) : room
            if (path ~ /\.pb-c\.h$/) from = room == "domain" || room == "store" ? "proto" : room
            if (!index(" " allowed " ", " " from " ")) complain(path)
        }
        /^#include </ {
            split($2, part, /[<>]/)
            header = part[2]
            standard = header ~ /^(assert|inttypes|limits|std(arg|bool|def|int|io|lib)|string)\.h$/
            foreign = header ~ /^(czmq|zmq|sqlite3|hiredis|sodium|jansson|protobuf-c)/
            if (((room == "domain" || room == "cakupan") && !standard) ||
                (room == "wire" && foreign && header !~ /^protobuf-c/) ||
                (room == "store" && foreign && header ~ /^(czmq|zmq|protobuf-c)/) ||
                (room == "runtime" && foreign && header ~ /^(sqlite3|hiredis|protobuf-c)/))
                complain("<" header ">")
        }'
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
    local file objects=()
    local allowed='mem(cpy|cmp|set|move|chr)|str(len|nlen|cmp|ncmp|chr|rchr)|v?snprintf|'
    allowed+='malloc|calloc|realloc|free|aligned_alloc|'
    allowed+='__popcountdi2|abort|qsort|bsearch|__assert_fail|__stack_chk_fail|mmap|munmap|madvise'
    mkdir -p "$scratch/domain"
    for file in "$root"/services/domain/*.c; do
        objects+=("$scratch/domain/$(basename "$file" .c).o")
        gcc -std=gnu17 -D_GNU_SOURCE -fno-pie -I "$root/include" -I "$root/services" -c "$file" \
            -o "${objects[-1]}" 2>&1 | grep error
    done
    nm -A --format=posix "${objects[@]}" | awk -v allowed="^($allowed)\$" '
        {
            file = $1
            sub(/.*\//, "services/domain/", file)
            sub(/\.o:$/, ".c", file)
            if ($3 ~ /^[BbDdCGgSs]$/) print file ": variable of file scope: " $2
            if ($3 ~ /^[Uvw]$/) calls[file " calls " $2] = $2
            else defined[$2] = 1
        }
        END { for (call in calls) if (!(calls[call] in defined) && calls[call] !~ allowed) print call }'
    rm -rf "$scratch/domain"
}

# 70 lines are the limit for a function, from the first line of its signature to its closing brace.
rule_function_length() {
    c_files | xargs -d '\n' awk '
        FNR == 1 { open = start = 0 }
        /^[A-Za-z_]/ && !open && !/;[ \t]*$/ { if (!start) { start = FNR; text = $0 } }
        /^[A-Za-z_ ].*\{[ \t]*$/ && !open && start { open = start }
        !open && /;[ \t]*$/ { start = 0 }
        /^}/ {
            if (open && text ~ /\(/ && text !~ /^(struct|enum|union|typedef|static const)[^(]*[={]/) {
                length_of = FNR - open + 1
                if (length_of > 70) {
                    sub(/\(.*/, "", text)
                    print FILENAME ":" open ": " text " has " length_of " lines"
                }
            }
            open = start = 0
        }'
}

# Columns, not bytes: continuation bytes of UTF-8 do not count.
rule_line_length() {
    source_files | LC_ALL=C xargs -d '\n' awk '
        { gsub(/[\200-\277]/, "") }
        length($0) > 110 { print FILENAME ":" FNR ": " length($0) " columns" }'
}

# The first lines of each file tell a stranger what it is for.
rule_opening_comment() {
    source_files | xargs -d '\n' awk '
        function judge() {
            if (file != "" && !told) print file ": does not begin with a comment that says what it is for"
        }
        FNR == 1 { judge(); seen[file = FILENAME] = 1; looked = told = 0 }
        !looked && !/^#!|^syntax/ { looked = 1; told = /^(\/\*|\/\/|#) ............/ }
        END {
            judge()
            for (i = 1; i < ARGC; i++) if (!(ARGV[i] in seen)) print ARGV[i] ": is empty"
        }'
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

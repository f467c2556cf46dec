# bite.sh - a rule that cannot fail proves nothing: breaks each text rule on purpose in a scratch tree. Read
# by tests/lint/run.
# shellcheck shell=bash disable=SC2154  # $scratch comes from tests/lint/run, $root is read by the rules

# Makes a small tree that keeps all rules.
good_tree() {
    rm -rf "$1"
    mkdir -p "$1"/{include/cakupan,services/{domain,wire,enrollment,coverage},proto,tests/unit,deploy,.ci}
    echo '/* x.h - a contract that is fine in every way. */
int x(int a);' >"$1/include/cakupan/x.h"
    echo '/* x.c - a fold that is fine in every way. */
#include "cakupan/x.h"

int x(int a) {
    return a;
}' >"$1/services/domain/x.c"
    cp "$1/services/domain/x.c" "$1/services/enrollment/y.c"
}

# One file per rule that breaks it: path, then text.
bad_file() {
    local path=$1/$2
    printf '%b' "$3" >"$path"
}

break_rule() {
    local tree=$1 long
    long=$(printf 'a%.0s' {1..120})
    case $2 in
    include_directions)
        bad_file "$tree" services/domain/bad.c \
            '/* a fold that reads the time. */\n#include <time.h>\n'
        ;;
    headers_stand_alone)
        bad_file "$tree" include/cakupan/bad.h \
            '/* bad.h - lacks a header. */\nuint8_t bad(void);\n'
        ;;
    domain_is_pure) bad_file "$tree" services/domain/bad.c '/* a fold with a memory. */\nint bad;\n' ;;
    function_length)
        bad_file "$tree" services/wire/bad.c "/* a long function is here. */\nvoid bad(void) {\n$(
            printf '    ;\\n%.0s' {1..80})}\n"
        ;;
    line_length) bad_file "$tree" services/wire/bad.c "/* $long */\n" ;;
    opening_comment) bad_file "$tree" services/wire/bad.c 'int bad(void);\n' ;;
    unfinished_words) bad_file "$tree" services/wire/bad.c '/* bad.c - TO''DO something later. */\n' ;;
    duplicate_helpers)
        local twin='/* same helper in two files. */\nstatic int t(void) {\n    a();\n    b();\n    c();\n}\n'
        bad_file "$tree" services/wire/bad.c "$twin"
        bad_file "$tree" services/coverage/bad.c "$twin"
        ;;
    exit_in_tests) bad_file "$tree" tests/unit/bad.c '/* bad.c - leaves in the middle. */\nexit(0);\n' ;;
    decoders_are_fuzzed)
        bad_file "$tree" services/wire/bad.h '/* bad.h - a decoder alone. */\nint bad_decode(int a);\n'
        ;;
    esac
}

check_bites() {
    local rule findings failures=0 root
    for rule in "${text_rules[@]}"; do
        root=$scratch/tree
        good_tree "$root"
        findings=$("rule_$rule" 2>&1)
        [[ -z $findings ]] || echo "not ok rules_bite: $rule complains of a good tree: $findings"
        [[ -z $findings ]] || failures=1
        break_rule "$root" "$rule"
        findings=$("rule_$rule" 2>&1)
        [[ -n $findings ]] || echo "not ok rules_bite: $rule overlooks a bad file"
        [[ -n $findings ]] || failures=1
    done
    ((failures)) || echo "ok rules_bite"
    return $failures
}

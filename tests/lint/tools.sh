# tools.sh - the rules that other tools check: formatting, shell scripts, static analysis. Read by
# tests/lint/run.
# shellcheck shell=bash disable=SC2154  # $root and $scratch come from tests/lint/run

rule_format() {
    c_files | xargs -d '\n' clang-format --dry-run -Werror 2>&1 | grep 'error:'
}

rule_shell() {
    shell_files | xargs -d '\n' shellcheck -x -S warning -f gcc
}

# Shifting negative numbers to the right (zigzag) is defined by gcc and clang, the compilers we support.
rule_cppcheck() {
    find "$root/services" -name '*.c' | sort >"$scratch/sources"
    cppcheck --file-list="$scratch/sources" --quiet -j 2 --std=c11 --inline-suppr -I "$root/include" \
        -I "$root/services" --enable=warning,performance,portability --suppress=missingInclude \
        --suppress=missingIncludeSystem --suppress=shiftTooManyBitsSigned \
        --template='{file}:{line}: {id}: {message}'
}

# .clang-tidy at the top says which checks and why. Needs the compile commands of the test build. Files whose
# text and headers have not changed since they last were clean are not looked at again.
rule_clang_tidy() {
    local commands=$root/build-asan state=$root/build-asan/lint headers file stamp code
    if [[ ! -e $commands/compile_commands.json ]]; then
        echo "$commands/compile_commands.json is missing: run through tests/run"
        return
    fi
    mkdir -p "$state"
    headers=$(find "$root/.clang-tidy" "$root/include" "$root/services" -name '*.h' -o -name .clang-tidy |
        sort | xargs -d '\n' cat | cksum)
    find "$root/services" -name '*.c' | sort | while read -r file; do
        stamp=$state/$(echo "$headers $(cksum <"$file") $file" | cksum | tr ' ' -)
        [[ -e $stamp ]] || echo "$stamp $file"
    done >"$scratch/unclean"
    cut -d ' ' -f 2- "$scratch/unclean" | xargs -r -P "$(nproc)" -n 8 \
        clang-tidy --quiet --extra-arg=-fno-sanitize=all -p "$commands" >"$scratch/tidy" 2>/dev/null
    code=$?
    grep -E '(warning|error):' "$scratch/tidy" | sed "s|^$PWD/||" | sort -u | tee "$scratch/findings"
    if ((code == 0)); then
        cut -d ' ' -f 1 "$scratch/unclean" | xargs -r touch
    elif [[ ! -s $scratch/findings ]]; then
        echo "clang-tidy ended with code $code and said nothing"
    fi
}

# gateway_table.awk - medians of "NAME VALUE" lines, as the table of what the gateway is to reach (json=0) or
# as JSON (json=1). Read after median.awk.

END {
    if (json) {
        printf "{\n  \"rounds\": %d,\n  \"machine\": \"%s\",\n  \"medians\": {\n", rounds, machine
        for (i = 1; i <= name_count; i++)
            printf "    \"%s\": %.6g%s\n", names[i], median(names[i]), i < name_count ? "," : ""
        print "  }\n}"
        exit
    }
    print "Medians of " rounds " interleaved rounds on " machine
    for (i = 1; i <= name_count; i++) printf "  %-40s %14.1f\n", names[i], median(names[i])
    printf "\n%-52s %12s %-10s %9s %9s\n", "what", "figure", "", "reach", "aim"
    row("GET /v1/totals, all levels, 64 connections, gzip",
        ratio("totals_gzip.requests_per_s", "hgetall.requests_per_s"), "x HGETALL", 2, 5, 1)
    row("same, not compressed", ratio("totals_plain.requests_per_s", "hgetall.requests_per_s"),
        "x HGETALL", "-", "-", 0)
    row("commit to the browser's new number, p99", median("browser.p99_ms"), "ms", 300, 100, -1)
    row("watchers lost or left behind, of 1,000", median("watchers.lost") + median("watchers.behind"), "",
        0, 0, -1)
    row("gateway's memory with 1,000 watchers", median("watchers.memory_after_mb"), "MB", "-", "-", 0)
}

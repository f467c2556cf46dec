# table.awk - medians of "NAME VALUE" lines, as the table of what was to be reached (json=0) or as JSON
# (json=1). Read after median.awk.

function maximum(left, right) { return left > right ? left : right }

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
    redis50 = maximum(median("redis_frame50.events_per_s"), median("redis_one.events_per_s"))
    ours50 = median("cakupan_frame50.events_per_s")
    row("ingest with CURVE, 64 devices, frames of 50", redis50 > 0 ? ours50 / redis50 : -1, "x Redis", 3,
        5, 1)
    row("same, against COPY of 1,000 rows a commit",
        ratio("cakupan_frame50.events_per_s", "postgres.events_per_s"), "x COPY", 6, 6, 1)
    row("same, one event a message, window 1000", ratio("cakupan_one.events_per_s", "redis_one.events_per_s"),
        "x Redis", 1, 1.5, 1)
    row("ack p99, 1 device, window 1, one processor",
        ratio("cakupan_lone.ack_p99_us", "redis_lone.ack_p99_us"), "x Redis", 1.3, 1, -1)
    row("same, threads free to move (see the README)",
        ratio("cakupan_lone_free.ack_p99_us", "redis_lone_free.ack_p99_us"), "x Redis", "-", "-", 0)
    row("commit to visible in Redis, p99", median("visible.p99_ms"), "ms", 150, 50, -1)
    row("baseline through the whole path", median("baseline.load_s"), "s", 15, 5, -1)
    row("restart to ready with the baseline's members", median("restart.startup_ms") / 1000, "s", 3, 1, -1)
    members = median("restart.members")
    row("memory of enrollment per member", members > 0 ? median("restart.resident_bytes") / members : -1,
        "bytes", 128, 64, -1)
    row("cost per event at 10 x the members", ratio("small_city.events_per_s", "large_city.events_per_s"),
        "x", 1.5, 1.1, -1)
}

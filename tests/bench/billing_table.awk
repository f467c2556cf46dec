# billing_table.awk - medians of billing's benchmarks as the table of what was to be reached (json=0) or as JSON
# (json=1). Read after median.awk.

function seconds(name) { return median(name) < 0 ? -1 : median(name) / 1000 }

END {
    if (json) {
        printf "{\n  \"rounds\": %d,\n  \"machine\": \"%s\",\n  \"medians\": {\n", rounds, machine
        for (i = 1; i <= name_count; i++)
            printf "    \"%s\": %.6g%s\n", names[i], median(names[i]), i < name_count ? "," : ""
        print "  }\n}"
        exit
    }
    print "Medians of " rounds " rounds on " machine
    for (i = 1; i <= name_count; i++) printf "  %-40s %14.1f\n", names[i], median(names[i])
    printf "\n%-52s %12s %-10s %9s %9s\n", "what", "figure", "", "reach", "aim"
    row("close of a month, against INSERT ... SELECT", ratio("postgres_month.close_ms", "bill.close_ms"),
        "x PostgreSQL", 10, 50, 1)
    row("100,000 layoffs in bulk: slowest ack to charged, visible", seconds("surge_bulk.latency_max_ms"), "s",
        3, 1, -1)
    row("records per second, 1 worker -> 2", median("billing_records_2_workers_to_1"),
        "x", 1.7, 1.95, 1)
    row("take-over of a killed worker's partitions", seconds("worker.takeover_ms"), "s", 5, 1, -1)
    row("memory of billing per member", median("billing_bytes_per_member_after_closes"), "bytes", 64, 64, -1)
    row("reconcile 400,000 rows, the whole command", seconds("reconcile.ms"), "s", 2, 0.5, -1)
}

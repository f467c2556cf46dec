# median.awk - "NAME VALUE" lines into medians, and rows of what is to be reached. Read before a table's file.

function median(name, i, j, n, list, kept) {
    n = count[name]
    for (i = 1; i <= n; i++) list[i] = value[name, i]
    for (i = 2; i <= n; i++) {
        kept = list[i]
        for (j = i - 1; j >= 1 && list[j] > kept; j--) list[j + 1] = list[j]
        list[j + 1] = kept
    }
    if (n == 0) return -1
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# A row whose figure must be at least (sense 1) or at most (sense -1) what is to be reached.
function row(what, figure, unit, reach, aim, sense, verdict) {
    if (figure < 0) verdict = "not measured"
    else if (sense == 0) verdict = "for comparison"
    else if (sense * figure >= sense * aim) verdict = "aim"
    else if (sense * figure >= sense * reach) verdict = "reach"
    else verdict = "MISSED"
    printf "%-52s %12s %-10s %9s %9s  %s\n", what, figure < 0 ? "-" : sprintf("%.2f", figure), unit, reach,
        aim, verdict
}

function ratio(left, right) {
    return median(left) < 0 || median(right) <= 0 ? -1 : median(left) / median(right)
}

{ value[$1, ++count[$1]] = $2; if (count[$1] == 1) names[++name_count] = $1 }

# bpjs_list.awk - a list as BPJS sends it (nik, segment, class, amount) made of our roster's CSV: every 997th
# person is missing, every 1009th is billed otherwise, and the list is filled up to 400,000 rows by strangers.
BEGIN { FS = OFS = ","; print "nik", "segment", "class", "amount" }
NR == 1 {
    for (i = 1; i <= NF; i++) column[tolower($i)] = i
    next
}
{
    if (NR % 997 == 0) next
    amount = $column["amount"]
    print $column["nik"], $column["segment"], $column["class"], NR % 1009 ? amount : amount + 4200
    rows++
}
END {
    for (; rows < 400000; rows++) printf "3275%02d0101%02d%04d,PBPU_PEMDA,3,37800\n", rows % 90 + 1, rows % 99, rows % 9000 + 1
}

// types.ts - the gateway's answers that the dashboard reads, as proto/openapi.json describes them. null is a
// count that is withheld from the public.
export type Count = number | null;

export const FLOWS = [
    "enrolled",
    "born",
    "moved_in",
    "resumed",
    "activated",
    "moved_out",
    "died",
    "suspended",
    "grace_ended",
    "laid_off",
    "rehired",
    "switched",
    "moved_within",
    "corrected",
    "merged",
    "refused",
] as const;
export type Flow = (typeof FLOWS)[number];

export interface Figures {
    code: string;
    name: string;
    population: Count;
    registered: Count;
    active: Count;
    city_paid: Count;
    grace: Count;
    registered_percent: number | null;
    active_percent: number | null;
}

export interface PayerSum {
    payer: string;
    people: Count;
    amount: Count;
    corrections_amount: Count;
}

export interface Billing {
    running: boolean;
    complete: boolean;
    as_of: string;
    open_month: string | null;
    projected: { month: string; open: boolean; city: number | null; payers: PayerSum[] }[];
    invoice: { month: string; due_date: string | null; owed: Count } | null;
    arrears: Count;
    arrears_months: number;
    failures: number;
    workers: number;
    lag_records: number;
    lag_ms: number;
}

export interface CityFigures extends Figures {
    segments: { segment: string; title: string; registered: Count; active: Count }[];
    statuses: Record<string, Count>;
    flows_today: Record<Flow, Count>;
    billing?: Billing | null;
    grace_windows?: { month: string | null; people: Count }[];
}

// Of the stream: the whole state, absolute.
export interface StreamTotals {
    offset: number;
    as_of: string | null;
    as_of_ms: number;
    day: string;
    city_uhc: string;
    audience: string;
    suppressed_below: number;
    stale_since: string | null; // the gateway itself has heard nothing since then
    city: CityFigures;
    columns: string[];
    rows: (string | number | null)[][];
}

// Of /v1/totals: the source of the denominator is told there alone.
export interface CityTotals extends CityFigures {
    offset: number;
    as_of: string | null;
    day: string;
    city_uhc: string;
    audience: string;
    suppressed_below: number;
    stale_since: string | null;
    population_as_of: string;
    population_source: string;
}

export interface TotalsTable {
    day: string;
    columns: string[];
    rows: (string | number | null)[][];
}

export interface Regions {
    city: {
        code: string;
        name: string;
        population: number;
        population_source?: { id: string; en: string }; // older services tell it in one language
    };
    kecamatan: { code: string; name: string; population: number }[];
    kelurahan: { code: string; name: string; kecamatan: string; population: number }[];
}

export interface History {
    days: { date: string; regions: (Figures & { flows: Record<Flow, Count> })[] }[];
}

export interface Workers {
    lag_records: number;
    lag_ms: number;
    desired_workers: number;
    automatic: boolean;
    takeovers: number;
    workers: {
        number: number;
        name: string;
        partitions: number;
        heard_ms_ago: number;
        resident_bytes: number;
        records: number;
    }[];
    partitions: { partition: number; ready: boolean; lag: number }[];
    failures: unknown[];
}

export interface Refusal {
    offset: number;
    time_ms: number;
    code: string;
    sentence: string;
    device: number;
    sequence: number;
    kind: string;
    nik: string;
    value: string;
    kelurahan: number;
    author: string;
    report?: LayoffReport; // of LAYOFF_REPORTED alone
}

// A layoff seen at a door: the person as the city knows them now.
export interface LayoffReport {
    open: boolean;
    name: string;
    kelurahan: number;
    employer: number;
    date: string;
    seen: string;
}

export interface Refusals {
    refusals: Refusal[];
    next_before: number | null;
}

export interface GracePerson {
    nik: string;
    name: string;
    place: string;
    laid_off: string;
    ends: string;
    member: number;
}

export interface GraceWindows {
    month: string;
    people: GracePerson[];
    count: number;
}

export interface Finding {
    finding: string;
    member?: number;
    nik?: string;
    name?: string;
    segment?: string;
    amount?: number;
    kelurahan?: number;
    since?: string;
}

export interface Findings {
    month: string;
    people: number;
    counts: Record<string, number>;
    findings: Finding[];
}

export interface Difference {
    difference: string;
    line: number;
    nik: string;
    member: number;
    bpjs_amount: number;
    our_amount: number;
}

export interface Reconciliation {
    month: string;
    rows: number;
    roster: number;
    agreed: number;
    bpjs_amount: number;
    our_amount: number;
    differences: Record<string, { rows: number; amount: number }>;
    examples: Difference[];
}

export interface LayoffRow {
    line: number;
    nik: string;
    outcome: string;
    code: string;
    sentence: string;
}

export interface LayoffResult {
    rows_total: number;
    laid_off: number;
    unchanged: number;
    refused: number;
    rows: LayoffRow[];
}

export interface Sum {
    people: number;
    amount: number;
    corrections: number;
    corrections_amount: number;
    owed: number;
}

export interface BillLine {
    payer: string;
    budget_line: string | null;
    segment: string;
    class: number;
    people: number;
    amount: number;
    corrections: number;
    corrections_amount: number;
}

export interface Payment {
    owed: Record<string, number>;
    paid: Record<string, number>;
    due_date?: string | null;
    overdue: boolean;
    arrears_amount: number;
}

export interface Bill {
    month: string;
    frozen: boolean;
    lines: BillLine[];
    totals: { city?: Sum & { budget_lines: Record<string, Sum> } };
    due_date?: string | null;
    invoice_hash?: string;
    payment?: Payment;
}

export interface BillRow {
    month: string;
    closed: boolean;
    owed: number | null; // of the open month as projected, where that is known
    paid: number;
    due_date: string | null;
    overdue: boolean;
    invoice_hash: string | null;
}

export interface Bills {
    open_month: string;
    bills: BillRow[];
}

export interface BudgetLine {
    ceiling: number;
    spent: number;
    committed: number;
    forecast: number;
    runs_out_month: string | null;
    runs_out_date: string | null;
}

export interface Budget {
    year: number;
    lines: Record<"iuran" | "bantuan iuran" | "both", BudgetLine>;
    months: { month: string; closed: boolean; iuran: number; "bantuan iuran": number }[];
}

export interface Job {
    id: string;
    kind: string;
    state: "queued" | "running" | "done" | "failed";
    dry_run?: boolean | null;
    queue_position?: number | null;
    result?: unknown;
    problem?: { code: string; detail: string; status: number } | null;
    links: { self: string; result?: string; file?: string };
}

/* bills_handler.c - /v1/bills...: months, invoices, previews, closes, rosters, minutes, findings,
 * reconciliations and payments, by the command line's own commands. */
#include "gateway_internal.h"
#include "office.h"
#include "office_json.h"
#include "rights.h"
#include "routes.h"
#include "runtime/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FINDINGS_DEFAULT = 200, FINDINGS_MAX = 1000, OFFICER_MAX = 120, DIFFERENCES_SHOWN = 1000 };
/* What is kept free for a file: some for its head, and for rows of more than average length (95 bytes as CSV;
 * of a workbook 480, which lie beside it until they are packed). */
enum { FILE_BYTES_LEAST = 1 << 20, ROW_CSV = 128, ROW_XLSX = 512, ROW_DIFFERENCE = 96 };

void handle_bills(struct request *request) {
    struct child_order order = office_order(request, "bill list --json");
    office_ask(request, &order, LANE_QUICK, OFFICE_FRESH_QUICK_MS);
}

/* A line of a kecamatan may be of one person, and its amount tell a wage: offices alone see these. */
static void invoice_ask(struct request *request, const char *words) {
    const char *month;
    bool by_kecamatan = false;
    if (!office_month(request, &month) || !office_flag(request, "by-kecamatan", &by_kecamatan))
        return;
    if (by_kecamatan && !(ROLE_BIT(request_caller(request)->role) & ROLES_OFFICERS)) {
        request_problem(request, "ROLE_NOT_ALLOWED", NULL);
        return;
    }
    struct child_order order = office_order(request, words);
    child_argument(&order, "%s", month);
    if (by_kecamatan)
        child_argument(&order, "--by-kecamatan");
    office_ask(request, &order, LANE_QUICK, OFFICE_FRESH_QUICK_MS);
}

void handle_bill(struct request *request) {
    invoice_ask(request, "bill show --json");
}

void handle_bill_preview(struct request *request) {
    invoice_ask(request, "bill preview --json");
}

static struct job_plan plan_of(const struct request *request, const char *words, const char *month,
                               enum job_kind kind) {
    struct job_plan plan = {.order = office_order(request, words), .kind = kind, .lane = LANE_FINANCE};
    child_argument(&plan.order, "%s", month);
    snprintf(plan.month, sizeof plan.month, "%s", month);
    return plan;
}

void handle_bill_close(struct request *request) {
    const char *month;
    if (!office_month(request, &month))
        return;
    struct job_plan plan = plan_of(request, "bill close --json", month, JOB_CLOSE);
    office_author(&plan.order, request);
    jobs_submit(request_gateway(request)->jobs, &plan, request);
}

/* The most that a month's roster may hold: everybody of the segments that the city pays for, wholly or in
 * part, which is some more than it does pay for. Where coverage was never heard, everybody. */
static uint64_t roster_rows(const struct gateway *gateway) {
    const struct coverage_view *view = coverage_link_view(gateway->coverage);
    if (!view || view->count == 0)
        return gateway->city->regions.population;
    const uint32_t *registered = view->regions[0].line.registered_by_segment;
    return (uint64_t)registered[SEGMENT_PBPU_PEMDA] + registered[SEGMENT_PBPU] + registered[SEGMENT_BP];
}

/* Two such files fit the spool, whatever the city's size. */
static uint64_t roster_bytes(const struct request *request, uint64_t row_bytes) {
    uint64_t bytes = FILE_BYTES_LEAST + roster_rows(request_gateway(request)) * row_bytes;
    return bytes < SPOOL_BYTES / 2 ? bytes : SPOOL_BYTES / 2;
}

/* Whole NIKs: who takes them away is told to the log. */
static void roster_ask(struct request *request, const char *option, const char *type, const char *end,
                       uint64_t row_bytes) {
    const struct caller *caller = request_caller(request);
    const char *month;
    if (!office_month(request, &month) || !office_whole_city(request))
        return;
    struct jobs_question question = {.order = office_order(request, "bill roster --finance"),
                                     .lane = LANE_FILES,
                                     .file_option = option,
                                     .file_type = type,
                                     .file_bytes = roster_bytes(request, row_bytes)};
    child_argument(&question.order, "%s", month);
    snprintf(question.file_name, sizeof question.file_name, "roster-%s.%s", month, end);
    log_info("device %" PRIu32 " (%s) asks for %s", caller->device, caller->name, question.file_name);
    jobs_ask(request_gateway(request)->jobs, &question, request);
}

void handle_bill_roster_csv(struct request *request) {
    roster_ask(request, "--csv", "text/csv; charset=utf-8", "csv", ROW_CSV);
}

void handle_bill_roster_xlsx(struct request *request) {
    roster_ask(request, "--xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx",
               ROW_XLSX);
}

void handle_bill_minutes(struct request *request) {
    const char *month, *city_officer, *bpjs_officer;
    if (!office_month(request, &month) || !office_text(request, "city-officer", OFFICER_MAX, &city_officer) ||
        !office_text(request, "bpjs-officer", OFFICER_MAX, &bpjs_officer))
        return;
    struct jobs_question question = {.order = office_order(request, "bill minutes"),
                                     .lane = LANE_FILES,
                                     .file_option = "--out",
                                     .file_type = "application/pdf",
                                     .file_bytes = FILE_BYTES_LEAST};
    child_argument(&question.order, "%s", month);
    if (city_officer)
        child_argument(&question.order, "--city-officer=%s", city_officer);
    if (bpjs_officer)
        child_argument(&question.order, "--bpjs-officer=%s", bpjs_officer);
    snprintf(question.file_name, sizeof question.file_name, "berita-acara-%s.pdf", month);
    jobs_ask(request_gateway(request)->jobs, &question, request);
}

void handle_bill_findings(struct request *request) {
    const char *month;
    uint64_t limit = FINDINGS_DEFAULT;
    if (!office_month(request, &month) || !office_number(request, "limit", 1, FINDINGS_MAX, &limit) ||
        !office_whole_city(request))
        return;
    struct child_order order = office_order(request, "bill audit --json");
    child_argument(&order, "%s", month);
    child_argument(&order, "--limit=%" PRIu64, limit);
    office_ask(request, &order, LANE_LONG, OFFICE_FRESH_LONG_MS);
}

void handle_bill_reconciliation(struct request *request) {
    const char *month;
    size_t size;
    if (!office_month(request, &month) || !office_whole_city(request) || !office_list(request))
        return;
    (void)request_body(request, &size);
    struct job_plan plan = plan_of(request, "bill reconcile --json --finance", month, JOB_RECONCILIATION);
    child_argument(&plan.order, "-");
    child_argument(&plan.order, "--list=%d", DIFFERENCES_SHOWN);
    plan.file_option = "--out";
    plan.file_bytes = size * 3 + roster_bytes(request, ROW_DIFFERENCE); /* nobody is on both */
    jobs_submit(request_gateway(request)->jobs, &plan, request);
}

void handle_bill_differences(struct request *request) {
    const char *month;
    if (office_month(request, &month) && office_whole_city(request))
        jobs_answer_differences(request_gateway(request)->jobs, month, request);
}

void handle_bill_payment(struct request *request) {
    const char *month;
    struct office_payment payment;
    struct failure why;
    size_t size;
    const uint8_t *body = request_body(request, &size);
    if (!office_month(request, &month))
        return;
    if (office_payment_decode(body, size, &payment, &why) != RESULT_OK) {
        office_json_wrong(request, &why);
        return;
    }
    struct jobs_question question = {
        .order = office_order(request, "pay --json"), .lane = LANE_QUICK, .changes = true};
    child_argument(&question.order, "%s", month);
    if (payment.amount_rupiah > 0)
        child_argument(&question.order, "--amount=%" PRId64, payment.amount_rupiah);
    if (payment.iuran_rupiah > 0)
        child_argument(&question.order, "--iuran=%" PRId64, payment.iuran_rupiah);
    if (payment.bantuan_rupiah > 0)
        child_argument(&question.order, "--bantuan=%" PRId64, payment.bantuan_rupiah);
    child_argument(&question.order, "--sp2d=%s", payment.sp2d);
    child_argument(&question.order, "--date=%s", payment.date);
    office_author(&question.order, request);
    jobs_ask(request_gateway(request)->jobs, &question, request);
}

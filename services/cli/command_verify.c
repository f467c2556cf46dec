/* command_verify.c - `cakupan verify`: recomputes everything from the journal and compares it with what
 * the services say.
 */
#include "commands.h"

#include "control_client.h"
#include "view/format.h"
#include "instance_info.h"
#include "journal_follow.h"
#include "store/city.h"
#include "totals_client.h"
#include "totals_print.h"
#include "verify_billing.h"
#include "verify_redis.h"
#include "verify_report.h"

#include <inttypes.h>
#include <string.h>

enum check_number {
    CHECK_CHAIN,
    CHECK_REGISTRY,
    CHECK_COVERAGE,
    CHECK_REDIS,
    CHECK_REDIS_HASHES,
    CHECK_BILLING, /* the first of VERIFY_BILLING_CHECKS, in their order */
    CHECK_LEDGER = CHECK_BILLING + VERIFY_LEDGER,
    CHECK_INVOICES = CHECK_BILLING + VERIFY_INVOICES,
    CHECK_JOURNALS = CHECK_BILLING + VERIFY_JOURNALS,
    CHECK_AUDIT = CHECK_BILLING + VERIFY_AUDIT,
    CHECK_COUNT = CHECK_BILLING + VERIFY_BILLING_CHECKS
};

/* What the services claimed, asked for before the fold begins. */
struct verify {
    const char *state;
    struct instance_info info;
    struct city city;
    struct verify_fold fold;
    struct journal_follow *follow;
    uint8_t chain[32];
    uint64_t digest;
    uint32_t members;
    bool chain_compared, chain_agrees;
    struct coverage_view coverage;
    struct verify_redis redis;
    struct verify_billing billing;
    struct verify_check checks[CHECK_COUNT];
};

static enum result digest_ask(struct verify *verify, struct failure *why) {
    struct control_client *client;
    enum result result = control_open(&client, verify->state, why);
    if (result != RESULT_OK)
        return result;
    Cakupan__DigestRequest digest = CAKUPAN__DIGEST_REQUEST__INIT;
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_DIGEST;
    request.digest = &digest;
    Cakupan__ControlReply *reply;
    result = control_ask(client, &request, &reply, why);
    control_close(&client);
    if (result != RESULT_OK)
        return result;
    if (!reply->digest || reply->digest->chain.len != sizeof verify->chain) {
        control_reply_free(&reply);
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Enrollment's answer holds no digest.");
    }
    verify->fold.digest_offset = reply->digest->offset;
    verify->digest = reply->digest->digest;
    verify->members = reply->digest->members;
    memcpy(verify->chain, reply->digest->chain.data, sizeof verify->chain);
    control_reply_free(&reply);
    return RESULT_OK;
}

/* What can't be asked is said in its check; only enrollment must answer, since the journal is its own. */
static enum result claims_ask(struct verify *verify, struct failure *why) {
    struct failure cause;
    enum result result = digest_ask(verify, why);
    if (result != RESULT_OK)
        return result;
    if (verify_redis_read(verify->info.redis, &verify->city.regions, &verify->redis, &cause) == RESULT_OK) {
        verify->fold.redis_offset = verify->redis.offset;
    } else {
        for (int i = CHECK_REDIS; i <= CHECK_REDIS_HASHES; i++) {
            verify->checks[i].state = CHECK_SKIPPED;
            snprintf(verify->checks[i].remark, sizeof verify->checks[i].remark, "%s", cause.sentence);
        }
    }
    if (totals_now(verify->state, &verify->coverage, &cause) == RESULT_OK) {
        verify->fold.coverage_offset = verify->coverage.offset;
    } else {
        verify->checks[CHECK_COVERAGE].state = CHECK_SKIPPED;
        snprintf(verify->checks[CHECK_COVERAGE].remark, sizeof verify->checks[CHECK_COVERAGE].remark, "%s",
                 cause.sentence);
    }
    verify_billing_ask(&verify->billing);
    return RESULT_OK;
}

static void chain_compare(struct verify *verify) {
    const uint8_t *chain = journal_follow_chain(verify->follow);
    verify->chain_compared = true;
    verify->chain_agrees = chain && memcmp(chain, verify->chain, sizeof verify->chain) == 0;
}

static enum result on_record(void *context, const struct batch_header *batch, const struct record *record,
                             struct failure *why) {
    struct verify *verify = context;
    if (record->offset == verify->fold.digest_offset + 1)
        chain_compare(verify); /* the batch that ended with digest_offset was taken just before */
    enum result result = verify_fold_record(&verify->fold, batch, record, why);
    return result == RESULT_OK ? verify_billing_record(&verify->billing, batch, record, why) : result;
}

static uint64_t most(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static enum result fold_run(struct verify *verify, struct failure *why) {
    const struct verify_fold *fold = &verify->fold;
    uint64_t until = most(fold->digest_offset, most(fold->coverage_offset, fold->redis_offset));
    until = most(until, verify->billing.offset);
    enum result result = journal_follow_open(&verify->follow, verify->state, on_record, verify, why);
    if (result == RESULT_OK)
        result = journal_follow_until(verify->follow, until, "Recounting the journal", why);
    if (result == RESULT_OK && !verify->chain_compared)
        chain_compare(verify);
    uint64_t reached = verify->follow ? journal_follow_offset(verify->follow) : 0;
    journal_follow_close(&verify->follow);
    if (result == RESULT_CORRUPT) { /* an answer, not a failure: the journal itself is wrong */
        struct verify_check *check = &verify->checks[CHECK_CHAIN];
        check->state = CHECK_DIFFERS;
        check->offset = reached;
        snprintf(check->remark, sizeof check->remark, "behind this offset: %s [%s]", why->sentence,
                 why->code);
        for (int i = CHECK_REGISTRY; i < CHECK_COUNT; i++) {
            verify->checks[i].state = CHECK_SKIPPED;
            snprintf(verify->checks[i].remark, sizeof verify->checks[i].remark,
                     "the journal can't be recounted");
        }
    }
    return result;
}

static void totals_judge(struct verify_check *check, const struct totals *recounted,
                         const struct region_table *regions, const struct coverage_view *claim,
                         uint64_t offset) {
    if (check->state == CHECK_SKIPPED)
        return;
    check->offset = offset;
    check->difference_count = verify_compare(recounted, regions, claim, check->differences);
    check->state = check->difference_count ? CHECK_DIFFERS : CHECK_AGREES;
    char count[FORMAT_TEXT];
    if (check->difference_count)
        snprintf(check->remark, sizeof check->remark, "%s figures differ from the recount",
                 format_count(check->difference_count, count));
    else
        snprintf(check->remark, sizeof check->remark, "%s regions, every figure as recounted",
                 format_count(claim->count, count));
}

static void judge(struct verify *verify) {
    const struct verify_fold *fold = &verify->fold;
    struct verify_check *chain = &verify->checks[CHECK_CHAIN], *registry = &verify->checks[CHECK_REGISTRY];
    char count[FORMAT_TEXT], members[FORMAT_TEXT];
    chain->offset = registry->offset = fold->digest_offset;
    chain->state = verify->chain_agrees ? CHECK_AGREES : CHECK_DIFFERS;
    snprintf(chain->remark, sizeof chain->remark,
             verify->chain_agrees ? "%s batches, every hash as recomputed"
                                  : "%s batches, but enrollment names another last hash",
             format_count(fold->batches, count));
    bool same = fold->digest == verify->digest && fold->members == verify->members;
    registry->state = same || fold->digest_offset == 0 ? CHECK_AGREES : CHECK_DIFFERS;
    snprintf(registry->remark, sizeof registry->remark,
             same ? "%s members, the same digest"
                  : "%s members recounted, enrollment has %s with another digest",
             format_count(fold->members, count), format_count(verify->members, members));
    totals_judge(&verify->checks[CHECK_COVERAGE], &fold->at_coverage, &verify->city.regions,
                 &verify->coverage, fold->coverage_offset);
    totals_judge(&verify->checks[CHECK_REDIS], &fold->at_redis, &verify->city.regions, &verify->redis.packed,
                 fold->redis_offset);
    totals_judge(&verify->checks[CHECK_REDIS_HASHES], &fold->at_redis, &verify->city.regions,
                 &verify->redis.hashes, fold->redis_offset);
    struct verify_check *redis = &verify->checks[CHECK_REDIS];
    if (redis->state != CHECK_SKIPPED && verify->redis.packed.offset != verify->redis.offset) {
        redis->state = CHECK_DIFFERS;
        snprintf(redis->remark, sizeof redis->remark,
                 "cakupan:totals is of offset %" PRIu64 ", cakupan:offset says %" PRIu64,
                 verify->redis.packed.offset, verify->redis.offset);
    }
    verify_billing_judge(&verify->billing);
}

static enum result verify_run(struct verify *verify, struct failure *why) {
    enum result result = instance_info_load(verify->state, &verify->info, why);
    if (result == RESULT_OK)
        result = city_load(&verify->city, verify->info.city, why);
    if (result != RESULT_OK)
        return result;
    verify_fold_init(&verify->fold, &verify->city.regions, &verify->city.policy);
    verify->billing = (struct verify_billing){
        .state = verify->state, .city = &verify->city, .checks = &verify->checks[CHECK_BILLING]};
    result = claims_ask(verify, why);
    if (result == RESULT_OK)
        result = fold_run(verify, why);
    if (result == RESULT_OK)
        judge(verify);
    verify_fold_free(&verify->fold);
    verify_billing_end(&verify->billing);
    return result == RESULT_CORRUPT && verify->checks[CHECK_CHAIN].state == CHECK_DIFFERS ? RESULT_OK
                                                                                          : result;
}

static int run(const struct command *command, int argc, char **argv) {
    static struct verify verify = {.state = STATE_DEFAULT,
                                   .checks = {[CHECK_CHAIN] = {.name = "journal's hash chain"},
                                              [CHECK_REGISTRY] = {.name = "enrollment's registry"},
                                              [CHECK_COVERAGE] = {.name = "coverage's totals"},
                                              [CHECK_REDIS] = {.name = "Redis, packed totals"},
                                              [CHECK_REDIS_HASHES] = {.name = "Redis, hashes"},
                                              [CHECK_LEDGER] = {.name = "billing's ledger"},
                                              [CHECK_INVOICES] = {.name = "invoices"},
                                              [CHECK_JOURNALS] = {.name = "billing's journals"},
                                              [CHECK_AUDIT] = {.name = "auditors' tables"}}};
    bool json = false;
    const struct option_row rows[] = {
        {"json", OPTION_FLAG, &json, NULL, "JSON for programs", 0, 0}, OPTION_STATE(&verify.state), {0}};
    const char *values[argc];
    options_read(command, rows, argc, argv, values);
    struct failure why;
    if (verify_run(&verify, &why) != RESULT_OK)
        return report_failure(command->name, &why, EXIT_FAILED);
    bool agrees = true;
    for (int i = 0; i < CHECK_COUNT; i++)
        agrees = agrees && verify.checks[i].state == CHECK_AGREES;
    if (json)
        json_print(stdout, verify_report_json(verify.checks, CHECK_COUNT, agrees), false);
    else
        verify_report_print(verify.checks, CHECK_COUNT, agrees);
    return agrees ? EXIT_FINE : EXIT_REFUSED;
}

const struct command command_verify = {
    .name = "verify",
    .arguments = "",
    .summary = "recompute everything from the journal and compare",
    .details =
        "Reads the whole journal in this process: recomputes the hash chain, folds the registry (every "
        "record's\n"
        "state before must be what is known) and the totals, and compares them, each at its own offset, "
        "with\n"
        "enrollment's digest, coverage's answer and what Redis holds. Folds the ledger, too, with every "
        "close and\n"
        "tariff at its offset: the open month's bill, every invoice, and the charges and rosters in the\n"
        "partitions' journals, whose hashes are recomputed; and audit.db with what it was made from. It may "
        "run beside the traffic.\n",
    .examples = "cakupan verify\ncakupan verify --json | jq .agrees",
    .exit_codes =
        "0  all of it agrees\n1  something differs, or could not be checked\n2  the command line is wrong\n"
        "3  enrollment can't be asked",
    .run = run,
};

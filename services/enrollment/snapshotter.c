/* snapshotter.c - fork, write, rename (snapshotter.h). */
#include "snapshotter.h"

#include "runtime/log.h"
#include "store/snapshot.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define RETRY_AFTER_MS 60000

struct save {
    const struct registry *registry;
    struct snapshot_head head;
};

static bool write_snapshot(void *state, snapshot_write *write, void *context) {
    struct save *save = state;
    return write(context, &save->head, sizeof save->head) &&
           registry_save(save->registry, write, context) == RESULT_OK;
}

static enum result head_of(struct journal *journal, struct snapshot_head *head, struct failure *why) {
    struct journal_batch batch;
    enum result result = journal->operations->head(journal, &batch, why);
    if (result != RESULT_OK)
        return result;
    head->offset = batch.header.count ? batch.header.first_offset + batch.header.count - 1 : 0;
    memcpy(head->chain, batch.hash, sizeof head->chain);
    return RESULT_OK;
}

static void reap(struct snapshotter *snapshotter, int64_t monotonic_ms) {
    int status = 0;
    pid_t ended = waitpid(snapshotter->child, &status, WNOHANG);
    if (ended == 0)
        return;
    if (ended == snapshotter->child && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        snapshotter->done_offset = snapshotter->child_offset;
    } else {
        snapshotter->retry_at_ms = monotonic_ms + RETRY_AFTER_MS;
        log_warning("snapshot at offset %llu failed (status %d): a restart takes longer until one succeeds",
                    (unsigned long long)snapshotter->child_offset, status);
    }
    snapshotter->child = 0;
}

/* The child must not keep what the parent owns: were the parent killed, its lock and its ports would stay
 * taken. */
static _Noreturn void child_main(const struct snapshotter *snapshotter, struct save *save) {
    close_range(3, ~0u, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    _exit(snapshot_save(snapshotter->path, write_snapshot, save, NULL) == RESULT_OK ? 0 : 1);
}

void snapshotter_work(struct snapshotter *snapshotter, const struct registry *registry,
                      struct journal *journal, bool at_rest, int64_t monotonic_ms) {
    if (snapshotter->child)
        reap(snapshotter, monotonic_ms);
    uint64_t behind = registry_next_offset(registry) - 1 - snapshotter->done_offset;
    if (snapshotter->child || behind < (at_rest ? SNAPSHOT_RECORDS_AT_REST : SNAPSHOT_RECORDS) ||
        monotonic_ms < snapshotter->retry_at_ms)
        return;
    struct save save = {.registry = registry};
    if (head_of(journal, &save.head, NULL) != RESULT_OK ||
        save.head.offset + 1 != registry_next_offset(registry))
        return; /* a batch is being staged: next turn */
    pid_t child = fork();
    if (child == 0)
        child_main(snapshotter, &save);
    if (child < 0) {
        snapshotter->retry_at_ms = monotonic_ms + RETRY_AFTER_MS;
        log_warning("no process for a snapshot: %s", strerror(errno));
        return;
    }
    snapshotter->child = child;
    snapshotter->child_offset = save.head.offset;
}

enum result snapshotter_final(struct snapshotter *snapshotter, const struct registry *registry,
                              struct journal *journal, struct failure *why) {
    if (snapshotter->child) {
        kill(snapshotter->child, SIGKILL);
        waitpid(snapshotter->child, NULL, 0);
        snapshotter->child = 0;
    }
    struct save save = {.registry = registry};
    enum result result = head_of(journal, &save.head, why);
    if (result != RESULT_OK || save.head.offset == snapshotter->done_offset)
        return result;
    return snapshot_save(snapshotter->path, write_snapshot, &save, why);
}

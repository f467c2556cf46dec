/* progress.c - a progress bar with rate and time left (progress.h). */
#include "progress.h"

#include "view/format.h"
#include "terminal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BAR_WIDTH_MAX = 30, BAR_WIDTH_MIN = 8 };

static int64_t interval_us(const struct progress *progress) {
    return progress->redraws ? 100000 : progress->lines ? 500000 : 5000000;
}

static bool lines_wanted(void) {
    const char *wish = getenv("CAKUPAN_PROGRESS");
    return wish && strcmp(wish, "lines") == 0;
}

void progress_begin(struct progress *progress, FILE *out, const char *label, const char *unit, uint64_t first,
                    uint64_t total, int64_t now_us) {
    *progress = (struct progress){.out = out,
                                  .label = label,
                                  .unit = unit,
                                  .total = total,
                                  .first = first,
                                  .started_us = now_us,
                                  .shown_us = now_us,
                                  .lines = lines_wanted()};
    progress->redraws = !progress->lines && terminal_redraws(out);
}

static void bar_draw(uint64_t done, uint64_t total, int width, char *out) {
    int filled = (int)(done >= total ? (uint64_t)width : done * (uint64_t)width / total);
    memset(out, '#', (size_t)filled);
    memset(out + filled, '.', (size_t)(width - filled));
    out[width] = '\0';
}

void progress_line(const struct progress *progress, uint64_t done, int64_t now_us, int columns, char *out,
                   size_t size) {
    char count[FORMAT_TEXT], total[FORMAT_TEXT], rate_text[FORMAT_TEXT], left[FORMAT_TEXT] = "";
    int64_t elapsed_us = now_us - progress->started_us;
    uint64_t since = done - progress->first;
    uint64_t rate = elapsed_us > 0 ? (uint64_t)((double)since * 1e6 / (double)elapsed_us) : 0;
    char text[160];
    if (!progress->total) {
        snprintf(out, size, "%s  %s %s  %s/s", progress->label, format_count(done, count), progress->unit,
                 format_count(rate, rate_text));
        return;
    }
    if (rate && done < progress->total)
        format_duration((int64_t)((progress->total - done) * 1000 / rate), left);
    unsigned percent = (unsigned)(done * 100 / progress->total);
    snprintf(text, sizeof text, "%3u%%  %s of %s %s  %s/s%s%s", percent, format_count(done, count),
             format_count(progress->total, total), progress->unit, format_count(rate, rate_text),
             left[0] ? "  left " : "", left);
    int room = columns - (int)strlen(progress->label) - (int)strlen(text) - 6;
    char bar[BAR_WIDTH_MAX + 1] = "";
    if (room >= BAR_WIDTH_MIN)
        bar_draw(done, progress->total, room > BAR_WIDTH_MAX ? BAR_WIDTH_MAX : room, bar);
    snprintf(out, size, "%s  %s%s%s%s", progress->label, bar[0] ? "[" : "", bar, bar[0] ? "] " : "", text);
}

static void show(struct progress *progress, uint64_t done, int64_t now_us) {
    char line[320];
    if (progress->lines)
        snprintf(line, sizeof line, "progress %" PRIu64 " %" PRIu64 " %s", done, progress->total,
                 progress->unit);
    else
        progress_line(progress, done, now_us, progress->redraws ? terminal_columns(progress->out) : 0, line,
                      sizeof line);
    if (progress->redraws)
        fprintf(progress->out, "\r\033[K%s", line);
    else
        fprintf(progress->out, "%s\n", line);
    fflush(progress->out);
    progress->shown_us = now_us;
    progress->shown = true;
}

void progress_show(struct progress *progress, uint64_t done, int64_t now_us) {
    if (now_us - progress->shown_us >= interval_us(progress))
        show(progress, done, now_us);
}

void progress_end(struct progress *progress, uint64_t done, int64_t now_us) {
    show(progress, done, now_us);
    if (progress->redraws)
        fputc('\n', progress->out);
    fflush(progress->out);
}

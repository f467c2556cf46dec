/* postgres_peer.c - the other peer: PostgreSQL as a durable log with live totals.
 *
 * Per --frame of events one transaction over binary COPY: the events, then one upsert per cell that
 * changed. Each of --clients connections has a thread of its own (libpq blocks) and its own totals rows, so
 * that they do not wait for each other's locks: PostgreSQL at its best.
 */
#include "support/measure.h"
#include "support/workload.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MAX 2048u /* kelurahan x segments, hashed */

struct cell {
    uint32_t kelurahan, segment, count;
};
struct client {
    pthread_t thread;
    PGconn *connection;
    uint32_t number;
    const struct workload_options *options;
    const struct workload *work;
    uint64_t next, end;
    struct samples latency;
    char *buffer;
};

static void must(PGconn *connection, PGresult *result, ExecStatusType wanted) {
    if (PQresultStatus(result) != wanted)
        measure_die("PostgreSQL refused: %s", PQerrorMessage(connection));
    PQclear(result);
}

static void command(PGconn *connection, const char *sql) {
    must(connection, PQexec(connection, sql), PGRES_COMMAND_OK);
}

static PGconn *connect_to(const char *directory) {
    char text[512];
    snprintf(text, sizeof text, "host=%s dbname=postgres user=bench", directory);
    PGconn *connection = PQconnectdb(text);
    if (PQstatus(connection) != CONNECTION_OK)
        measure_die("No PostgreSQL at %s: %s", directory, PQerrorMessage(connection));
    return connection;
}

static char *put_32(char *at, uint32_t value) {
    value = htonl(value);
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

/* One row of binary COPY: field count, then length and bytes of device, sequence and body. */
static char *put_row(char *at, uint32_t device, uint64_t sequence, const struct workload_event *event) {
    uint16_t fields = htons(3);
    uint64_t big_endian = htobe64(sequence);
    memcpy(at, &fields, sizeof fields);
    at = put_32(put_32(at + sizeof fields, 4), device);
    at = put_32(at, 8);
    memcpy(at, &big_endian, sizeof big_endian);
    at = put_32(at + sizeof big_endian, event->size);
    memcpy(at, event->data, event->size);
    return at + event->size;
}

static void count_cell(struct cell *cells, const struct workload_event *event) {
    uint32_t slot = (event->kelurahan * 31u + event->segment) % CELLS_MAX;
    while (cells[slot].count &&
           (cells[slot].kelurahan != event->kelurahan || cells[slot].segment != event->segment))
        slot = (slot + 1) % CELLS_MAX;
    cells[slot] = (struct cell){event->kelurahan, event->segment, cells[slot].count + 1};
}

static void copy_rows(struct client *client, uint64_t count, struct cell *cells) {
    static const char header[] =
        "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"; /* 11 of signature, 4 of flags, 4 of extension */
    char *at = client->buffer;
    memcpy(at, header, 19);
    at += 19;
    for (uint64_t i = 0; i < count; i++) {
        const struct workload_event *event = &client->work->events[client->next + i];
        at = put_row(at, client->number, client->next + i, event);
        count_cell(cells, event);
    }
    *at++ = (char)0xff;
    *at++ = (char)0xff;
    must(client->connection, PQexec(client->connection, "COPY events FROM STDIN (FORMAT binary)"),
         PGRES_COPY_IN);
    if (PQputCopyData(client->connection, client->buffer, (int)(at - client->buffer)) != 1 ||
        PQputCopyEnd(client->connection, NULL) != 1)
        measure_die("PostgreSQL hung up: %s", PQerrorMessage(client->connection));
    must(client->connection, PQgetResult(client->connection), PGRES_COMMAND_OK);
    PQclear(PQgetResult(client->connection));
}

/* All cells that changed in one statement. */
static void upsert_totals(struct client *client, const struct cell *cells) {
    char *at = client->buffer;
    at += sprintf(at, "INSERT INTO totals (client, kelurahan, segment, people) VALUES");
    const char *separator = " ";
    for (uint32_t i = 0; i < CELLS_MAX; i++) {
        if (!cells[i].count)
            continue;
        at += sprintf(at, "%s(%u,%u,%u,%u)", separator, client->number, cells[i].kelurahan, cells[i].segment,
                      cells[i].count);
        separator = ",";
    }
    sprintf(
        at,
        " ON CONFLICT (client, kelurahan, segment) DO UPDATE SET people = totals.people + excluded.people");
    command(client->connection, client->buffer);
}

static void *run(void *context) {
    struct client *client = context;
    struct cell *cells = malloc(CELLS_MAX * sizeof *cells);
    if (!cells)
        measure_die("No memory for totals.");
    while (client->next < client->end) {
        uint64_t count = client->end - client->next;
        if (count > client->options->frame)
            count = client->options->frame;
        int64_t start_us = measure_now_us();
        memset(cells, 0, CELLS_MAX * sizeof *cells);
        command(client->connection, "BEGIN");
        copy_rows(client, count, cells);
        upsert_totals(client, cells);
        command(client->connection, "COMMIT");
        samples_add(&client->latency, (double)(measure_now_us() - start_us));
        client->next += count;
    }
    free(cells);
    return NULL;
}

static void make_tables(const char *directory) {
    PGconn *connection = connect_to(directory);
    command(connection, "SET client_min_messages = warning");
    command(connection, "DROP TABLE IF EXISTS events, totals");
    command(connection,
            "CREATE TABLE events (device int, sequence bigint, body bytea, PRIMARY KEY (device, sequence))");
    command(connection, "CREATE TABLE totals (client int, kelurahan bigint, segment int, people bigint,"
                        " PRIMARY KEY (client, kelurahan, segment))");
    PQfinish(connection);
}

static void prepare(struct client *client, uint32_t index, const struct workload_options *options,
                    const struct workload *work) {
    uint64_t share = options->events / options->clients;
    client->number = index + 1;
    client->options = options;
    client->work = work;
    client->next = index * share;
    client->end = index + 1 == options->clients ? options->events : client->next + share;
    client->buffer = malloc(options->frame * UINT64_C(640) + CELLS_MAX * UINT64_C(64) + 1024);
    if (!client->buffer)
        measure_die("No memory for frames of %u events.", options->frame);
    client->connection = connect_to(options->target);
}

int main(int argc, char **argv) {
    struct workload_options options;
    struct workload work;
    struct samples latency = {0};
    char name[80];
    workload_options(&options, argc, argv);
    workload_make(&work, &options);
    make_tables(options.target);
    struct client *clients = calloc(options.clients, sizeof *clients);
    if (!clients)
        measure_die("No memory for %u clients.", options.clients);
    for (uint32_t i = 0; i < options.clients; i++)
        prepare(&clients[i], i, &options, &work);
    int64_t start_us = measure_now_us();
    for (uint32_t i = 0; i < options.clients; i++)
        if (pthread_create(&clients[i].thread, NULL, run, &clients[i]) != 0)
            measure_die("No thread for client %u.", i);
    for (uint32_t i = 0; i < options.clients; i++)
        pthread_join(clients[i].thread, NULL);
    double elapsed_s = (double)(measure_now_us() - start_us) / 1e6;
    for (uint32_t i = 0; i < options.clients; i++) {
        for (size_t j = 0; j < clients[i].latency.count; j++)
            samples_add(&latency, clients[i].latency.values[j]);
        samples_free(&clients[i].latency);
        PQfinish(clients[i].connection);
        free(clients[i].buffer);
    }
    free(clients);
    snprintf(name, sizeof name, "%s.events_per_s", options.prefix);
    measure_report(name, (double)work.count / elapsed_s);
    snprintf(name, sizeof name, "%s.commit_p99_us", options.prefix);
    measure_report(name, samples_percentile(&latency, 99));
    samples_free(&latency);
    workload_free(&work);
    return 0;
}

/* document_handler.c - GET of the documents, /metrics, and the web pages' files. */
#include "gateway_internal.h"
#include "routes.h"
#include "runtime/require.h"

void handle_openapi(struct request *request) {
    request_page(request, documents_page(request_gateway(request)->documents, DOCUMENT_OPENAPI));
}

void handle_problems(struct request *request) {
    request_page(request, documents_page(request_gateway(request)->documents, DOCUMENT_PROBLEMS));
}

void handle_regions(struct request *request) {
    request_page(request, documents_page(request_gateway(request)->documents, DOCUMENT_REGIONS));
}

void handle_codes(struct request *request) {
    request_page(request, documents_page(request_gateway(request)->documents, DOCUMENT_CODES));
}

void handle_file(struct request *request) {
    struct page *page = static_files_page(request_gateway(request)->files, request_path(request));
    require(page, "this route is taken for files that are there");
    request_page(request, page);
}

/* What others tell of themselves is taken when it comes; these are looked up when somebody asks. */
void handle_metrics(struct request *request) {
    struct gateway *gateway = request_gateway(request);
    const struct coverage_view *view = coverage_link_view(gateway->coverage);
    struct metrics *metrics = gateway->metrics;
    size_t size;
    metrics_gauge(metrics, GAUGE_CONNECTIONS, http_connections(gateway->http));
    metrics_gauge(metrics, GAUGE_COVERAGE_UP, !coverage_link_away(gateway->coverage, gateway->now_ms));
    metrics_gauge(metrics, GAUGE_BILLING_UP, view && view->billing.known && view->billing.running);
    if (view)
        metrics_coverage(metrics, view);
    char *text = metrics_text(metrics, &size);
    request_bytes(request, 200, "text/plain; version=0.0.4; charset=utf-8", text, size);
}

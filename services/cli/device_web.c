/* device_web.c - pairs browsers and makes tokens (device_web.h). */
#include "device_web.h"

#include "cakupan/device.h"
#include "runtime/token.h"
#include "terminal.h"
#include "totals_print.h"
#include "view/totals_json.h"

#include <qrencode.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALID_MINUTES 15
#define URL_SIZE      256
/* Light modules around a code: ISO/IEC 18004 wants 4. */
#define QUIET_ZONE 4

static bool is_dark(const QRcode *code, int row, int column) {
    row -= QUIET_ZONE;
    column -= QUIET_ZONE;
    return row >= 0 && column >= 0 && row < code->width && column < code->width &&
           (code->data[row * code->width + column] & 1);
}

/* Without colours ink is taken to be light, as on most terminals: what is printed is what is light. */
static void qr_line(FILE *out, const QRcode *code, int row, bool colours) {
    static const char *const glyphs[] = {" ", "\u2584", "\u2580", "\u2588"};
    if (colours)
        fputs("\033[30;107m", out);
    for (int column = 0; column < code->width + 2 * QUIET_ZONE; column++) {
        bool upper = is_dark(code, row, column) == colours, lower = is_dark(code, row + 1, column) == colours;
        fputs(glyphs[upper * 2 + lower], out);
    }
    fputs(colours ? STYLE_OFF "\n" : "\n", out);
}

bool qr_print(FILE *out, const char *text, bool colours) {
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!code)
        return false;
    for (int row = 0; row < code->width + 2 * QUIET_ZONE; row += 2)
        qr_line(out, code, row, colours);
    QRcode_free(code);
    return true;
}

static void pairing_print(const struct device_web *device, const char *code, const char *url) {
    if (device->json) {
        json_print(stdout,
                   json_pack("{s:s, s:s, s:i}", "code", code, "url", url, "valid_s", VALID_MINUTES * 60),
                   true);
        return;
    }
    printf("Open this on the device, or scan it, within %d minutes; it can be used once:\n\n  %s\n\n",
           VALID_MINUTES, url);
    if (terminal_redraws(stdout))
        qr_print(stdout, url, terminal_colours(stdout));
    printf("Code  %s\n", code);
}

enum result device_web_pair(struct control_client *client, const struct device_web *device,
                            struct failure *why) {
    char code[PAIRING_CODE_SHOW], url[URL_SIZE];
    uint8_t hash[TOKEN_HASH_SIZE];
    pairing_code_make(code);
    if (!pairing_code_hash(code, hash))
        abort(); /* we have just made it */
    Cakupan__PairingOpen opening = CAKUPAN__PAIRING_OPEN__INIT;
    opening.code_hash = (ProtobufCBinaryData){sizeof hash, hash};
    opening.name = (char *)device->name;
    opening.role = (char *)device->role;
    opening.area = device->area;
    opening.valid_ms = VALID_MINUTES * 60 * 1000;
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_PAIRING_OPEN;
    request.pairing_open = &opening;
    Cakupan__ControlReply *reply;
    enum result result = control_ask(client, &request, &reply, why);
    if (result == RESULT_OK) {
        snprintf(url, sizeof url, "%.200s/kader#pair=%s", device->url, code);
        pairing_print(device, code, url);
        control_reply_free(&reply);
    }
    sodium_memzero(code, sizeof code);
    sodium_memzero(url, sizeof url);
    return result;
}

/* On a pipe the token stands alone, so that TOKEN=$(...) takes it. */
static void token_print(uint32_t id, const char *token, const char *url) {
    if (isatty(STDOUT_FILENO)) {
        printf("Device %u is added. Its token, shown this once:\n\n  %s\n\n"
               "curl -H \"Authorization: Bearer $TOKEN\" %s/v1/session\n",
               id, token, url);
        return;
    }
    printf("%s\n", token);
    fprintf(stderr, "Device %u is added; its token is shown this once.\n", id);
}

enum result device_web_token(struct control_client *client, const struct device_web *device,
                             struct failure *why) {
    char token[TOKEN_TEXT];
    uint8_t hash[TOKEN_HASH_SIZE];
    token_make(token, hash);
    Cakupan__DeviceAdd add = CAKUPAN__DEVICE_ADD__INIT;
    add.name = (char *)device->name;
    add.role = (char *)device->role;
    add.area = device->area;
    add.public_key = (ProtobufCBinaryData){sizeof hash, hash};
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_DEVICE_ADD;
    request.device_add = &add;
    Cakupan__ControlReply *reply;
    enum result result = control_ask(client, &request, &reply, why);
    if (result == RESULT_OK) {
        uint32_t id = reply->n_devices == 1 ? reply->devices[0]->id : 0;
        if (device->json)
            json_print(stdout, json_pack("{s:i, s:s}", "id", (int)id, "token", token), true);
        else
            token_print(id, token, device->url);
        control_reply_free(&reply);
    }
    sodium_memzero(token, sizeof token);
    return result;
}

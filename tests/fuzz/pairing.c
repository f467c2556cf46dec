/* pairing.c - fuzzes the pairing file that an app opens: taken whole or refused with a sentence that never
 * shows a key. */
#include "examples.h"
#include "file_input.h"

#include "cakupan/kader.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The pair printed in the manual of zmq_curve: nobody's key. */
#define PUBLIC_KEY "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define SECRET_KEY "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    int size = snprintf((char *)out, capacity,
                        "# %u\npairing\n    version = \"1\"\n    device = \"%u\"\n    name = \"Siti\"\n"
                        "    endpoint = \"tcp://127.0.0.1:7300\"\n    server-key = \"%s\"\n"
                        "    public-key = \"%s\"\n    secret-key = \"%s\"\n",
                        seed, 1 + seed / 256, PUBLIC_KEY, PUBLIC_KEY, SECRET_KEY);
    return size > 0 && (size_t)size < capacity ? (size_t)size : 0;
}
FUZZ_EXAMPLES(example)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct kader_pairing pairing;
    struct failure why = {0};
    int file = file_input_begin();
    file_input_add(file, data, size);
    if (kader_pairing_load(&pairing, file_input_path(file), &why) == RESULT_OK) {
        FUZZ_CHECK(pairing.device > 0 && strlen(pairing.server_key) == 40);
        FUZZ_CHECK(strlen(pairing.name) < sizeof pairing.name && !strchr(pairing.name, '"'));
    } else {
        FUZZ_CHECK(why.code[0] && why.sentence[0] && !strstr(why.sentence, SECRET_KEY));
        FUZZ_CHECK(pairing.secret_key[0] == '\0');
    }
    return 0;
}

# embed.cmake - writes a file as a C array: cmake -D INPUT=FILE -D OUTPUT=FILE.c -D NAME=SYMBOL -P embed.cmake
file(READ ${INPUT} digits HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${digits}")
set(four "0x..,0x..,0x..,0x..,")
string(REGEX REPLACE "(${four}${four}${four}${four})" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <stddef.h>
extern const char ${NAME}[];
extern const size_t ${NAME}_size;
const char ${NAME}[] = {
${bytes}0};
const size_t ${NAME}_size = sizeof ${NAME} - 1;
")

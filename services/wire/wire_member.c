/* wire_member.c - a member's state inside a record (proto/record.proto: MemberState). */
#include "wire_member.h"
#include "wire_record.h"

enum field_number {
    IDENTITY = 1,
    FAMILY,
    KELURAHAN,
    BIRTH_DAY,
    SEGMENT,
    STATUS,
    CARE_CLASS,
    SEX,
    FLAGS,
    SEGMENT_DAY,
    DUE_DAY,
    PAYER_MONTH,
    WAGE_RUPIAH,
    EMPLOYER,
    FIELD_NUMBERS
};
#define FLAGS_MAX                                                                                            \
    (MEMBER_VULNERABLE | MEMBER_DISPUTED | MEMBER_LOCAL_CARD | MEMBER_LAID_OFF | MEMBER_REHIRED |            \
     MEMBER_ENDED_DAY)

static const struct wire_rule rules[FIELD_NUMBERS] = {
    {WIRE_UNUSED, 0, NULL},
    [IDENTITY] = {WIRE_FIXED64, UINT64_MAX, "identity"},
    [FAMILY] = {WIRE_FIXED64, UINT64_MAX, "family"},
    [KELURAHAN] = {WIRE_FIXED32, UINT32_MAX, "kelurahan"},
    [BIRTH_DAY] = {WIRE_VARINT, UINT16_MAX, "birth_day"},
    [SEGMENT] = {WIRE_VARINT, SEGMENT_COUNT - 1, "segment"},
    [STATUS] = {WIRE_VARINT, STATUS_COUNT - 1, "status"},
    [CARE_CLASS] = {WIRE_VARINT, 3, "care_class"},
    [SEX] = {WIRE_VARINT, SEX_MALE, "sex"},
    [FLAGS] = {WIRE_VARINT, FLAGS_MAX, "flags"},
    [SEGMENT_DAY] = {WIRE_VARINT, UINT16_MAX, "segment_day"},
    [DUE_DAY] = {WIRE_VARINT, UINT16_MAX, "due_day"},
    [PAYER_MONTH] = {WIRE_VARINT, UINT16_MAX, "payer_month"},
    [WAGE_RUPIAH] = {WIRE_VARINT, UINT32_MAX, "wage_rupiah"},
    [EMPLOYER] = {WIRE_VARINT, UINT32_MAX, "employer"},
};

bool wire_read_member(const uint8_t *data, size_t size, struct member *out) {
    struct wire_value values[FIELD_NUMBERS] = {0};
    uint32_t over;
    if (!wire_read_message(data, size, rules, FIELD_NUMBERS, values, &over) || over != 0)
        return false;
    *out = (struct member){
        .identity = values[IDENTITY].number,
        .family = values[FAMILY].number,
        .wage_rupiah = (uint32_t)values[WAGE_RUPIAH].number,
        .employer = (uint32_t)values[EMPLOYER].number,
        .kelurahan = (uint32_t)values[KELURAHAN].number,
        .birth_day = (day_t)values[BIRTH_DAY].number,
        .segment_day = (day_t)values[SEGMENT_DAY].number,
        .due_day = (day_t)values[DUE_DAY].number,
        .payer_month = (month_t)values[PAYER_MONTH].number,
        .segment = (uint8_t)values[SEGMENT].number,
        .status = (uint8_t)values[STATUS].number,
        .care_class = values[CARE_CLASS].number & 3,
        .sex = values[SEX].number & 3,
        .flags = values[FLAGS].number & FLAGS_MAX,
    };
    return true;
}

void wire_put_member(struct wire_writer *writer, const struct member *member) {
    wire_put_fixed64(writer, IDENTITY, member->identity);
    wire_put_fixed64(writer, FAMILY, member->family);
    wire_put_fixed32(writer, KELURAHAN, member->kelurahan);
    wire_put_number(writer, BIRTH_DAY, member->birth_day);
    wire_put_number(writer, SEGMENT, member->segment);
    wire_put_number(writer, STATUS, member->status);
    wire_put_number(writer, CARE_CLASS, member->care_class);
    wire_put_number(writer, SEX, member->sex);
    wire_put_number(writer, FLAGS, member->flags);
    wire_put_number(writer, SEGMENT_DAY, member->segment_day);
    wire_put_number(writer, DUE_DAY, member->due_day);
    wire_put_number(writer, PAYER_MONTH, member->payer_month);
    wire_put_number(writer, WAGE_RUPIAH, member->wage_rupiah);
    wire_put_number(writer, EMPLOYER, member->employer);
}

size_t wire_member_encode(const struct member *member, uint8_t *out, size_t capacity) {
    struct wire_writer writer = wire_writer(out, capacity);
    wire_put_member(&writer, member);
    return wire_written(&writer, out);
}

enum result wire_member_decode(const uint8_t *data, size_t size, struct arena *arena, struct member *out) {
    (void)arena; /* a member has no texts */
    return wire_read_member(data, size, out) ? RESULT_OK : RESULT_CORRUPT;
}

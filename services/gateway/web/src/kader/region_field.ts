// region_field.ts - where somebody lives: kecamatan, then kelurahan, limited to what the device answers
// for. Where there is one kelurahan only, it is said and not asked.
import { h } from "../shared/dom.ts";
import { compound, selectBox, type Field, type FieldText } from "./fields.ts";
import { kecamatanOf, kelurahanOf, placeName, type Regions } from "./regions.ts";
import { say } from "./words.ts";

function fixedField(text: FieldText, regions: Regions, code: string): Field {
    const value = h("p", { class: "fixed", tabindex: "-1" }, placeName(regions, code));
    const build = () => [h("p", { class: "fixed-label" }, text.label), value];
    return compound(text, build, () => value, { read: () => code, locked: () => true });
}

export function regionField(text: FieldText, regions: Regions, area: string, start: string): Field {
    const offered = kelurahanOf(regions, area);
    const only = offered.length === 1 ? offered[0] : undefined;
    if (only) return fixedField(text, regions, only.code);
    const names = kecamatanOf(regions, offered);
    const parts: { kecamatan?: ReturnType<typeof selectBox>; kelurahan?: ReturnType<typeof selectBox> } = {};
    const kelurahanIn = (kecamatan: string) =>
        offered
            .filter((one) => one.kecamatan === kecamatan)
            .map((one) => ({ value: one.code, label: one.name }));
    const build = (ids: string) => {
        const kecamatan = selectBox(say("field.kecamatan"), ids);
        const kelurahan = selectBox(text.label, ids);
        Object.assign(parts, { kecamatan, kelurahan });
        kecamatan.fill(names.map((one) => ({ value: one.code, label: one.name })));
        kelurahan.fill(kelurahanIn(kecamatan.control.value));
        kecamatan.control.addEventListener("change", () => {
            kelurahan.fill(kelurahanIn(kecamatan.control.value));
        });
        kecamatan.element.hidden = names.length === 1;
        return [kecamatan.element, kelurahan.element];
    };
    const write = (value: string | boolean) => {
        const one = offered.find((kelurahan) => kelurahan.code === value);
        if (!one || !parts.kecamatan || !parts.kelurahan) return;
        parts.kecamatan.control.value = one.kecamatan;
        parts.kelurahan.fill(kelurahanIn(one.kecamatan));
        parts.kelurahan.control.value = one.code;
    };
    const made = compound(text, build, () => parts.kelurahan?.control as HTMLElement, {
        read: () => parts.kelurahan?.control.value ?? "",
        write,
        focus: () => {
            const kecamatan = parts.kecamatan?.control;
            (kecamatan && !kecamatan.value ? kecamatan : parts.kelurahan?.control)?.focus();
        },
    });
    write(start);
    return made;
}

// names.ts - codes of the services as people say them; an unknown code stays as it is.
import type { Model } from "./model.ts";
import { say, type Word } from "./words.ts";
import indonesian from "./messages_id.ts";

function named(key: string, code: string): string {
    return key in indonesian ? say(key as Word) : code;
}

export const findingName = (code: string): string => named(`finding.${code}`, code);
export const differenceName = (code: string): string => named(`difference.${code}`, code);
export const payerName = (code: string): string => named(`payer.${code}`, code);
export const kindName = (code: string): string => named(`kind.${code}`, code);
export const budgetLineName = (code: string | null): string =>
    code === null ? "–" : named(`budget_line.${code}`, code);
export const segmentName = (code: string): string => named(`segment.${code}`, code);

// "Gondrong, Cipondoh"
export function kelurahanName(model: Model, code: number | undefined): string {
    const place = model.kelurahan.find((candidate) => candidate.code === String(code));
    return place ? `${place.name}, ${place.kecamatanName}` : "–";
}

// names.ts - codes of the services as people say them; an unknown code stays as it is.
import { say, type Word } from "./words.ts";
import indonesian from "./messages_id.ts";

function named(key: string, code: string): string {
    return key in indonesian ? say(key as Word) : code;
}

export const findingName = (code: string): string => named(`finding.${code}`, code);
export const differenceName = (code: string): string => named(`difference.${code}`, code);
export const payerName = (code: string): string => named(`payer.${code}`, code);
export const segmentName = (code: string): string => named(`segment.${code}`, code);

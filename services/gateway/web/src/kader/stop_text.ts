// stop_text.ts - why sending has stopped, in words: the app's own where it knows the code, else the server's.
import { say, type Key } from "./words.ts";

const OWN = new Map<string, Key>([
    ["DEVICE_REVOKED", "stop.DEVICE_REVOKED"],
    ["TOKEN_UNKNOWN", "stop.DEVICE_REVOKED"],
    ["TOKEN_MISSING", "stop.DEVICE_REVOKED"],
    ["ID_REUSED", "stop.ID_REUSED"],
    ["OUTBOX_BEHIND", "stop.OUTBOX_BEHIND"],
    ["ENROLLMENT_BEHIND", "stop.ENROLLMENT_BEHIND"],
    ["ROLE_NOT_ALLOWED", "stop.ROLE_NOT_ALLOWED"],
]);

export function stopText(code: string, sentence: string): string {
    const own = OWN.get(code);
    if (own) return say(own);
    return `${say("stop.VERSION")} ${sentence} (${code})`;
}

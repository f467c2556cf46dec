// messages_en.ts - what both pages say in English; the same keys and values as messages_id.ts.
import type indonesian from "./messages_id.ts";

const messages: Record<keyof typeof indonesian, string> = {
    "language.label": "Language",
    "language.id": "Indonesia",
    "language.en": "English",
    "theme.label": "Appearance",
    "theme.auto": "As the device",
    "theme.light": "Light",
    "theme.dark": "Dark",
    "skip.content": "Skip to content",
    close: "Close",
    cancel: "Cancel",
    retry: "Try again",
    "sort.by": "Sort by {column}",
    "upload.choose": "Choose a file",
    "upload.drop": "or drop it here",
    "upload.chosen": "{name}, {size}",
    "upload.too_large": "The file {name} is larger than {limit}. Split it into several files.",
    "upload.empty": "The file {name} is empty.",
    "upload.type": "The file {name} is no {type}.",
    "stream.connecting": "Connecting…",
    "stream.live": "Live",
    "stream.stale": "Late: nothing heard since {time}",
    "stream.away": "The counting service is away since {time}; the last figures are shown",
    "stream.disconnected": "Disconnected since {time}; trying again",
    "stream.ended": "The server closed the connection",
    "problem.NETWORK_UNREACHABLE": "The server can't be reached. Check the network, then try again.",
    "problem.TIMEOUT": "The server gave no answer within {seconds} seconds. Try again.",
    "problem.ANSWER_MALFORMED": "The server's answer can't be read (status {status}).",
    "problem.code": "Code {code}",
};
export default messages;

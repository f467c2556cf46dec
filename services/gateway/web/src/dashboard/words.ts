// words.ts - the dashboard's messages together with those of both pages.
import { translator } from "../shared/i18n.ts";
import sharedEnglish from "../shared/messages_en.ts";
import sharedIndonesian from "../shared/messages_id.ts";
import english from "./messages_en.ts";
import indonesian from "./messages_id.ts";

export const say = translator({
    id: { ...sharedIndonesian, ...indonesian },
    en: { ...sharedEnglish, ...english },
});

export type Word = Parameters<typeof say>[0];

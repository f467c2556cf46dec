// words.ts - what the kader app says, in both languages.
import { translator } from "../shared/i18n.ts";
import english from "./messages_en.ts";
import indonesian from "./messages_id.ts";

export type Key = keyof typeof indonesian;
export const say = translator<Key>({ id: indonesian, en: english });

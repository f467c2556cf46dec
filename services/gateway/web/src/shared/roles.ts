// roles.ts - the names of the offices that use the pages; an unknown role stays as it is.
import { translator } from "./i18n.ts";
import english from "./messages_en.ts";
import indonesian from "./messages_id.ts";

const say = translator({ id: indonesian, en: english });

export function roleName(role: string): string {
    const key = `role.${role}`;
    return key in indonesian ? say(key as keyof typeof indonesian) : role;
}

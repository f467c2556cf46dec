// look_up.ts - what the city knows of a person: for roles that may see it, with a reason, while there is a
// network.
import { ApiError } from "../shared/api.ts";
import { openDialog } from "../shared/dialog.ts";
import { h, replace } from "../shared/dom.ts";
import { day } from "../shared/i18n.ts";
import { problemBox } from "../shared/live.ts";
import type { App } from "./app.ts";
import { choiceField } from "./fields.ts";
import { say, type Key } from "./words.ts";

interface Member {
    name: string;
    covered: boolean;
    payer_name: string;
    since: string | null;
    segment: string;
    status: string;
    place: string;
}

const REASONS = ["visit", "enrol", "birth", "care"] as const;
const KNOWN_STATUS = new Set(["ACTIVE", "PENDING", "GRACE", "SUSPENDED", "DECEASED", "MOVED_OUT", "MERGED"]);
const KNOWN_SEGMENTS = new Set(["PBI_JK", "PBPU_PEMDA", "PPU_PN", "PPU_BU", "PBPU", "BP"]);

function row(key: Key, value: string): HTMLElement {
    return h("div", {}, h("dt", {}, say(key)), h("dd", {}, value || "-"));
}

function memberCard(member: Member): HTMLElement {
    const status = KNOWN_STATUS.has(member.status) ? say(`status.${member.status}` as Key) : member.status;
    const segment = KNOWN_SEGMENTS.has(member.segment)
        ? say(`segment.${member.segment}` as Key)
        : member.segment;
    return h(
        "div",
        { class: "stack", role: "status" },
        h(
            "p",
            { class: `verdict ${member.covered ? "tone-good" : "tone-bad"}` },
            say(member.covered ? "look.covered" : "look.uncovered"),
        ),
        member.name ? h("p", { class: "strong" }, member.name) : null,
        h(
            "dl",
            { class: "facts" },
            row("look.status", status),
            row("look.segment", segment),
            row("look.by", member.payer_name),
            row("look.since", member.since ? day(member.since) : ""),
            row("look.place", member.place),
        ),
    );
}

export function mayLook(app: App): boolean {
    return app.device?.may.includes("members.read") ?? false;
}

// The NIK goes to the gateway alone: it stands in no address of this page and is kept nowhere.
export function openLookUp(app: App, nik: string): void {
    const why = choiceField({
        name: "why",
        label: say("field.why"),
        columns: 1,
        choices: REASONS.map((reason) => ({ value: reason, label: say(`look.why.${reason}`) })),
    });
    why.write("visit");
    const answer = h("div", { class: "look-answer", "aria-live": "polite" });
    const button = h("button", { type: "submit", class: "button primary wide" }, say("look.go"));
    const form = h("form", { class: "stack" }, h("p", {}, say("look.lead")), why.element, button, answer);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        void look();
    });

    async function look(): Promise<void> {
        button.setAttribute("aria-busy", "true");
        const reason = encodeURIComponent(say(`look.why.${why.read()}` as Key));
        try {
            const member = await app.api.get<Member>(`/v1/members/${nik}`, {
                headers: { "Cakupan-Reason": reason },
            });
            replace(answer, memberCard(member));
            answer.scrollIntoView({ block: "nearest" });
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            const away = error.problem.status === 0;
            replace(answer, problemBox(away ? say("look.offline") : error.problem.detail, error.code));
        } finally {
            button.removeAttribute("aria-busy");
        }
    }

    openDialog(say("look.title"), form);
}

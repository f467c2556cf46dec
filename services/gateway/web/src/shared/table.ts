// table.ts - tables that sort by their headings, keep rows by key while figures move, scroll inside their own
// frame on narrow screens, and read well aloud.
import { h, replace, set, setText, type Child } from "./dom.ts";
import { compareText } from "./i18n.ts";

export interface Column<Row> {
    key: string;
    title: string;
    hint?: string;
    numeric?: boolean;
    heading?: boolean; // its cells are the rows' headings
    value: (row: Row) => string | number | null; // by what it sorts
    text?: (row: Row) => string; // what it shows; default: the value
    render?: (row: Row) => Child; // where text is not enough; drawn again at every update
    class?: (row: Row) => string;
}

export interface TableOptions<Row> {
    caption: string;
    captionHidden?: boolean;
    columns: Column<Row>[];
    rowKey: (row: Row) => string;
    rowClass?: (row: Row) => string;
    sort?: { key: string; descending?: boolean };
    empty: string;
}

export interface Table<Row> {
    element: HTMLElement;
    update(rows: readonly Row[]): void;
}

// Nulls (withheld, unknown) come last, whichever way the table is sorted.
export function compareValues(
    one: string | number | null,
    other: string | number | null,
    sign: number,
): number {
    if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1;
    if (typeof one === "number" && typeof other === "number") return sign * (one - other);
    return sign * compareText(String(one), String(other));
}

export function createTable<Row>(options: TableOptions<Row>): Table<Row> {
    let sort = options.sort ?? null;
    let rows: readonly Row[] = [];
    const lines = new Map<string, { line: HTMLTableRowElement; cells: HTMLElement[] }>();
    const heads = new Map<string, HTMLTableCellElement>();
    const body = h("tbody");
    const empty = h("p", { class: "empty", hidden: true }, options.empty);

    function headCell(column: Column<Row>): HTMLElement {
        const button = h(
            "button",
            { type: "button", class: "sort", title: column.hint },
            h("span", {}, column.title),
            h("span", { class: "sort-mark", "aria-hidden": "true" }),
        );
        button.addEventListener("click", () => {
            const same = sort?.key === column.key;
            sort = { key: column.key, descending: same ? !sort?.descending : column.numeric === true };
            draw();
        });
        const cell = h("th", { scope: "col", class: column.numeric ? "numeric" : "" }, button);
        heads.set(column.key, cell);
        return cell;
    }

    function newLine(key: string): { line: HTMLTableRowElement; cells: HTMLElement[] } {
        const cells = options.columns.map((column) =>
            column.heading ? h("th", { scope: "row" }) : h("td", { class: column.numeric ? "numeric" : "" }),
        );
        const line = { line: h("tr", {}, cells), cells };
        lines.set(key, line);
        return line;
    }

    function drawCell(cell: HTMLElement, column: Column<Row>, row: Row): void {
        if (column.class) cell.className = `${column.numeric ? "numeric " : ""}${column.class(row)}`;
        if (column.render) return replace(cell, column.render(row));
        setText(cell, column.text ? column.text(row) : String(column.value(row) ?? ""));
    }

    function sorted(): readonly Row[] {
        const column = options.columns.find((candidate) => candidate.key === sort?.key);
        if (!column) return rows;
        const sign = sort?.descending ? -1 : 1;
        return [...rows].sort((one, other) => compareValues(column.value(one), column.value(other), sign));
    }

    function draw(): void {
        for (const [key, head] of heads) {
            const direction = sort?.key === key ? (sort.descending ? "descending" : "ascending") : null;
            set(head, { "aria-sort": direction });
        }
        const kept = new Set<string>();
        let at: ChildNode | null = body.firstChild;
        for (const row of sorted()) {
            const key = options.rowKey(row);
            const { line, cells } = lines.get(key) ?? newLine(key);
            kept.add(key);
            if (options.rowClass) line.className = options.rowClass(row);
            options.columns.forEach((column, index) => drawCell(cells[index] as HTMLElement, column, row));
            if (at === line) at = line.nextSibling;
            else body.insertBefore(line, at);
        }
        for (const [key, { line }] of lines) {
            if (kept.has(key)) continue;
            line.remove();
            lines.delete(key);
        }
        empty.hidden = rows.length > 0;
        frame.hidden = rows.length === 0;
    }

    const caption = h("caption", { class: options.captionHidden ? "visually-hidden" : "" }, options.caption);
    const table = h("table", {}, caption, h("thead", {}, h("tr", {}, options.columns.map(headCell))), body);
    const frame = h(
        "div",
        { class: "table-frame", role: "group", tabindex: 0, "aria-label": options.caption },
        table,
    );
    const element = h("div", { class: "table-box" }, frame, empty);
    draw();
    return {
        element,
        update: (next) => {
            rows = next;
            draw();
        },
    };
}

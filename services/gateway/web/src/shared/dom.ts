// dom.ts - making elements: the only way by which text gets into a page, so nothing is ever parsed as HTML.
export type Child = Node | string | number | null | undefined | false;
export type Children = Child | Child[];

type Handler = (event: Event) => void;
export type Properties = Record<string, string | number | boolean | null | undefined | Handler>;

const SVG = "http://www.w3.org/2000/svg";

function setProperty(element: Element, name: string, value: Properties[string]): void {
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else element.setAttribute(name, value === true ? "" : String(value));
}

function fill(element: Element, children: Children[]): void {
    for (const child of children.flat()) {
        if (child === null || child === undefined || child === false) continue;
        element.append(typeof child === "number" ? String(child) : child);
    }
}

// h("button", { class: "quiet", type: "button", onclick: close }, "Tutup")
export function h<Name extends keyof HTMLElementTagNameMap>(
    name: Name,
    properties: Properties = {},
    ...children: Children[]
): HTMLElementTagNameMap[Name] {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) setProperty(element, key, value);
    fill(element, children);
    return element;
}

export function svg<Name extends keyof SVGElementTagNameMap>(
    name: Name,
    properties: Properties = {},
    ...children: Children[]
): SVGElementTagNameMap[Name] {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(properties)) setProperty(element, key, value);
    fill(element, children);
    return element;
}

export function set(element: Element, properties: Properties): void {
    for (const [key, value] of Object.entries(properties)) setProperty(element, key, value);
}

// A custom property of CSS: the pages' security policy forbids style attributes, not this.
export function setStyle(element: HTMLElement | SVGElement, name: string, value: string | null): void {
    if (value === null) element.style.removeProperty(name);
    else element.style.setProperty(name, value);
}

// Writes only what changed, so that nothing flickers and no reader is told the same again.
export function setText(element: Element, text: string): void {
    if (element.textContent !== text) element.textContent = text;
}

export function replace(element: Element, ...children: Children[]): void {
    element.replaceChildren();
    fill(element, children);
}

let lastId = 0;
export function uniqueId(prefix: string): string {
    lastId += 1;
    return `${prefix}-${lastId}`;
}

// Hands bytes to the browser as a download.
export function download(name: string, content: Blob): void {
    const url = URL.createObjectURL(content);
    const link = h("a", { href: url, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

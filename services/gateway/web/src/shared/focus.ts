// focus.ts - the focus outlives a redraw: who had it is remembered by a key (data-key) that the successor
// has, too. Without a successor it goes to the page's title, from where reading begins anew.
const keyOf = (element: Element): string | null => element.getAttribute("data-key");

function focusSuccessor(key: string | null): void {
    const successor = key === null ? null : document.querySelector<HTMLElement>(`[data-key="${key}"]`);
    (successor ?? document.querySelector<HTMLElement>("main h1"))?.focus({ preventScroll: true });
}

// To be called before a redraw; what it gives is to be called after it. Where the focus was still has its
// place, or was nowhere, nothing happens.
export function rememberFocus(): () => void {
    const before = document.activeElement;
    if (!before || before === document.body) return () => undefined;
    const key = keyOf(before);
    return () => {
        if (!before.isConnected) focusSuccessor(key);
    };
}

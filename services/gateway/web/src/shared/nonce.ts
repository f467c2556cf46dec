// nonce.ts - what goes with a pairing code: random, made once, and kept until the token is stored, so that a
// lost answer strands nobody (the same code and nonce give the same token again).
export function makeNonce(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(24)); // of three bytes each, so base64 needs no "="
    return btoa(String.fromCharCode(...bytes)).replace(/[+/]/g, (sign) => (sign === "+" ? "-" : "_"));
}

/** What only the outside knows. */

/** Whether eight bytes of a known secret may be in a text. */
// @ts-ignore: decorator
@external("known", "isIn")
export declare function isKnownIn(text: usize, length: u32): bool;

/**
 * Keys that are checked and kept, and that nothing acts on in this version. Who sets one to more than its default is
 * told; `off` is what happens anyway. The line goes when the key begins to work.
 */
export const notYet: ReadonlySet<string> = new Set(['http.listen', 'http.token_file']);

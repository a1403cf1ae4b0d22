const beyondAscii = /[\u007f-\uffff]/g;

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * JSON text of a value in ASCII alone: readers that decode each chunk by itself cannot cut a character in two.
 * Throws TypeError for what JSON cannot hold (a bigint, a cycle). `undefined` becomes `null`.
 */
export const asciiJson = (value: unknown): string => (JSON.stringify(value) ?? 'null').replace(beyondAscii, escaped);

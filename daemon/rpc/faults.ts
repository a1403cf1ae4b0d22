import { serverLimits } from '../../shared/framing.ts';
import { type WireError, wireError } from './errors.ts';
import type { LspFault } from './lsp.ts';

const tooMuch = (hint: string, limit: number): WireError =>
  wireError('invalid_request', 'Invalid Request', { hint, limit });

const answers: Readonly<Record<LspFault, (offset: number) => WireError>> = {
  syntax: (offset) => wireError('parse_error', 'Parse error', { hint: 'not JSON from this byte on', offset }),
  utf8: (offset) => wireError('parse_error', 'Parse error', { hint: 'not UTF-8', offset }),
  eof: (offset) => wireError('parse_error', 'Parse error', { hint: 'the message ends in its middle', offset }),
  bytes: () => tooMuch(`a message has at most ${serverLimits.bytes} bytes`, serverLimits.bytes),
  depth: () => tooMuch(`at most ${serverLimits.depth} objects or arrays inside each other`, serverLimits.depth),
  number: () => {
    const hint = `a number has at most ${serverLimits.number} characters`;
    return wireError('invalid_params', 'Invalid params', { hint, limit: serverLimits.number });
  },
  header: () => tooMuch('headers name one Content-Length, in bytes', serverLimits.bytes),
};

/** The error object that answers what is no message. */
export const framingError = ({ fault, offset }: { readonly fault: LspFault; readonly offset: number }): WireError =>
  answers[fault](offset);

/** Whether nothing after the fault can be understood. */
export const isFatal = (fault: LspFault): boolean => fault === 'bytes' || fault === 'header';

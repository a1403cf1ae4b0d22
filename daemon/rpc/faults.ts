import { type FramingError, type FramingFault, serverLimits } from '../../shared/framing.ts';
import { type WireError, wireError } from './errors.ts';

const tooMuch = (hint: string, limit: number): WireError =>
  wireError('invalid_request', 'Invalid Request', { hint, limit });

const answers: Readonly<Record<FramingFault, (offset: number) => WireError>> = {
  syntax: (offset) => wireError('parse_error', 'Parse error', { hint: 'not JSON from this byte on', offset }),
  utf8: (offset) => wireError('parse_error', 'Parse error', { hint: 'not UTF-8', offset }),
  eof: (offset) => wireError('parse_error', 'Parse error', { hint: 'the message ends in its middle', offset }),
  bytes: () => tooMuch(`a message has at most ${serverLimits.bytes} bytes`, serverLimits.bytes),
  depth: () => tooMuch(`at most ${serverLimits.depth} objects or arrays inside each other`, serverLimits.depth),
  number: () => tooMuch(`a number has at most ${serverLimits.number} characters`, serverLimits.number),
};

/** The error object that answers what is no message. */
export const framingError = ({ fault, offset }: FramingError): WireError => answers[fault](offset);

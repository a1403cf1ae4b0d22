/** An address with all that TikTok hangs on it is far shorter, characters. */
export const longestPaste = 8192;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** One parameter of an address or of its tail. A `+` stays what it is: codes are no form fields. */
const parameter = (text: string, name: string): string | undefined => {
  const found = new RegExp(`(?:^|[?&#])${name}=([^&#]*)`).exec(text)?.[1];
  return found === undefined ? undefined : decoded(found);
};

/**
 * The authorization code in what somebody pasted: the code alone, the whole address that the seller was sent to
 * (`https://…?code=…&state=…`), or the tail of one. Otherwise why there is none, in words that do not repeat the text,
 * which may be a secret. TikTok: the tail is refused as a code; a seller who declines is sent back with
 * `code=null&error=auth_denied`.
 */
export function authorizationCode(pasted: string): { readonly code: string } | { readonly problem: string } {
  const text = pasted.trim();
  if (text.length > longestPaste) return { problem: `a code is shorter than ${longestPaste} characters` };
  if (/[\s\p{Cc}]/u.test(text)) return { problem: 'a code is one word, without spaces' };
  const refused = parameter(text, 'error');
  if (refused !== undefined) {
    const why = /^\w{1,40}$/.test(refused) ? ` (${refused})` : '';
    return { problem: `the seller did not agree${why}, so there is no code` };
  }
  const named = parameter(text, 'code');
  if (named === undefined && text.includes('://'))
    return { problem: 'this address has no code=…; take the one that the seller is sent to after agreeing' };
  const code = named ?? text.split('&', 1).join('');
  return code === '' || code === 'null' ? { problem: 'there is no code in it' } : { code };
}

const MASK = '[redacted]';

/** Names of secrets and of buyers' data, in any spelling (`accessToken`, `x-tts-access-token`), the value of any kind. */
const names: ReadonlySet<string> = new Set(
  [
    'sign signature appsecret secret password authorization cookie setcookie authcode cipher shopcipher',
    'recipientaddress fulladdress addressdetail addressline1 addressline2 addressline3 addressline4 posttown',
    'postalcode districtinfo phone phonenumber email buyeremail buyermessage buyernickname buyeravatar buyeruserid',
    'userid firstname lastname firstnamelocalscript lastnamelocalscript fullname cpf cpfname taxid',
    'payload body rawbody',
  ].flatMap((line) => line.split(' ')),
);

const isHidden = (name: string): boolean => {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return names.has(plain) || plain.endsWith('token') || plain.endsWith('secret');
};

/** What may hide inside texts: URLs, quoted JSON, headers, addresses. */
const inTexts: readonly (readonly [RegExp, string])[] = [
  [/\b((?:\w+_)?(?:token|secret|cipher|auth_code)|sign)=[^&\s"'\\]+/gi, `$1=${MASK}`],
  [
    /(?<![\w-])((?:[\w-]*(?:token|secret|cipher|email|phone_number|address\w*|postal_code|cpf|name)|sign|auth_code)\\*["']?\s*:\s*\\*(["'`]))(?:(?!\2)[^\\])+/gi,
    `$1${MASK}`,
  ],
  [/\b((?:x-tts-access-token|authorization):\s*)(?:(?:bearer|basic)\s+)?[^\s,"'\\]+/gi, `$1${MASK}`],
  [/\bbearer\s+[^\s,"'\\]+/gi, `Bearer ${MASK}`],
  [/(?<![\w.%+-])[\w.%+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/gi, MASK],
];

const MAX_TEXT = 8192;
const MAX_ENTRIES = 100;
const MAX_DEPTH = 8;

/** A copy of a JSON value without secrets and buyers' data, at whatever depth, and of bounded size. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ENTRIES)
      .map(([name, inner]) => [name, isHidden(name) ? MASK : redact(inner, depth + 1)]),
  );
}

/** The same for a text. */
export function redactText(text: string): string {
  let result = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} [cut]` : text;
  for (const [pattern, replacement] of inTexts) result = result.replace(pattern, replacement);
  return result;
}

import type { Market } from './market.ts';
import { peopleOf } from './people.ts';
import { PRIVACY, type Privacy } from './privacy.ts';
import { Random, hash } from './random.ts';

const BLANK =
  '{"address_detail":"","address_line1":"","address_line2":"","address_line3":"","address_line4":"",' +
  '"delivery_preferences":{"drop_off_location":""},"first_name":"","first_name_local_script":"","full_address":"",' +
  '"last_name":"","last_name_local_script":"","name":"","phone_number":"","post_town":"","postal_code":"",' +
  '"region_code":""}';

const q = (text: string): string => JSON.stringify(text);
/** "Mina Tan" → "M*** T***": the first character of each word stays. */
const starred = (text: string): string =>
  text
    .split(' ')
    .map((word) => `${word.slice(0, 1)}***`)
    .join(' ');

/** `recipient_address` as JSON. `edits` counts the buyer's corrections. */
export function renderAddress(seed: number, market: Market, privacy: Privacy, edits: number): string {
  if (privacy === PRIVACY.blank) return BLANK;
  const random = new Random(hash(seed, 0x61646472));
  const people = peopleOf(market);
  const masked = privacy === PRIVACY.masked;
  const first = random.pick(people.first);
  const last = random.pick(people.last);
  const [state, city] = random.pick(people.places);
  const house = random.between(1, 240);
  const street = `${house} ${random.pick(people.streets)}`;
  const unit = edits > 0 ? `Unit ${edits}` : random.chance(0.4) ? `Apt ${random.between(1, 60)}` : '';
  const postcode = people.postcode(random.between(1000, 999_999));
  const number = random.between(10_000_000, 99_999_999);
  const local = market.region === 'JP';

  const name = `${first} ${last}`;
  const shownName = masked ? starred(name) : name;
  const shownCity = masked ? starred(city) : city;
  const line1 = masked ? '*****' : street;
  const line2 = masked ? '' : unit;
  const detail = masked ? `${String(house)[0] ?? ''}*, ${starred(street)}` : unit === '' ? street : `${street} ${unit}`;
  const phone = masked
    ? `(${market.phonePrefix})${String(number).slice(0, 3)}*****${String(number).slice(-2)}`
    : `(${market.phonePrefix})${number}`;
  const code = masked ? `${postcode.slice(0, 2)}***` : postcode;
  const full = `${market.country}, ${state}, ${shownCity}, ${detail}`;
  // A masked name is not split: the whole stands in first_name.
  const shownFirst = masked ? shownName : first;
  const preferences = masked ? '' : `"delivery_preferences":{"drop_off_location":${q(edits > 0 ? 'Front Door' : '')}},`;
  const [country, province, town] = people.levels;
  return (
    `{"address_detail":${q(detail)},"address_line1":${q(line1)},"address_line2":${q(line2)},"address_line3":"",` +
    `"address_line4":"",${preferences}"district_info":[` +
    `{"address_level":"L0","address_level_name":${q(country)},"address_name":${q(market.country)},` +
    `"iso_code":"${market.region}"},` +
    `{"address_level":"L1","address_level_name":${q(province)},"address_name":${q(state)}},` +
    `{"address_level":"L2","address_level_name":${q(town)},"address_name":${q(shownCity)}}],` +
    `"first_name":${q(shownFirst)},"first_name_local_script":${q(local && !masked ? first : '')},` +
    `"full_address":${q(full)},"last_name":${q(masked ? '' : last)},` +
    `"last_name_local_script":${q(local && !masked ? last : '')},"name":${q(shownName)},"phone_number":${q(phone)},` +
    `"post_town":${q(market.region === 'GB' && !masked ? city : '')},"postal_code":${q(code)},` +
    `"region_code":"${market.region}"}`
  );
}

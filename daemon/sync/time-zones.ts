/**
 * The time zone in which a shop of a region lives (TikTok: region is ISO alpha-2). Countries with several get the one
 * where most people live; `schedule.time_zone` overrides. Regions not listed are scheduled in UTC.
 */
const zones: Readonly<Record<string, string>> = {
  BR: 'America/Sao_Paulo',
  DE: 'Europe/Berlin',
  ES: 'Europe/Madrid',
  FR: 'Europe/Paris',
  GB: 'Europe/London',
  ID: 'Asia/Jakarta',
  IE: 'Europe/Dublin',
  IT: 'Europe/Rome',
  JP: 'Asia/Tokyo',
  MX: 'America/Mexico_City',
  MY: 'Asia/Kuala_Lumpur',
  PH: 'Asia/Manila',
  SG: 'Asia/Singapore',
  TH: 'Asia/Bangkok',
  US: 'America/New_York',
  VN: 'Asia/Ho_Chi_Minh',
};

export const timeZoneOf = (region: string): string => zones[region] ?? 'UTC';

import type { Market } from './market.ts';

/** Invented people and places of a country. */
export interface People {
  readonly first: readonly string[];
  readonly last: readonly string[];
  readonly streets: readonly string[];
  /** State or province, then city. */
  readonly places: readonly (readonly [state: string, city: string])[];
  readonly levels: readonly [country: string, state: string, city: string];
  readonly postcode: (number: number) => string;
}

const digits = (count: number) => (number: number) => String(number).padStart(9, '7').slice(-count);

const LATIN: Pick<People, 'first' | 'last'> = {
  first: ['Test', 'Ada', 'Robin', 'Sam', 'Alex', 'Jo', 'Kim', 'Noor'],
  last: ['Buyer', 'Sample', 'Example', 'Placeholder', 'Mustermann', 'Nobody'],
};

const PEOPLE: Readonly<Record<string, People>> = {
  GB: {
    ...LATIN,
    streets: ['Example Road', 'Invented Lane', 'Sample Mews'],
    places: [
      ['Exampleshire', 'Exampleton'],
      ['Sampleshire', 'Little Sample'],
    ],
    levels: ['Country', 'County', 'Town'],
    postcode: (number) => `ZZ${number % 90} ${number % 9}ZZ`,
  },
  US: {
    ...LATIN,
    streets: ['Example Way', 'Placeholder Blvd', 'Invented Ave'],
    places: [
      ['Exampleia', 'Exampletown'],
      ['New Sample', 'Sample City'],
    ],
    levels: ['Country', 'State', 'City'],
    postcode: digits(5),
  },
  VN: {
    first: ['Văn Mẫu', 'Thị Thử', 'Minh Giả', 'Hồng Ví Dụ'],
    last: ['Nguyễn', 'Trần', 'Lê', 'Phạm'],
    streets: ['Đường Ví Dụ', 'Ngõ Thử Nghiệm', 'Phố Mẫu'],
    places: [
      ['Tỉnh Mẫu', 'Thành phố Ví Dụ'],
      ['Tỉnh Giả Định', 'Huyện Thử'],
    ],
    levels: ['Quốc gia', 'Tỉnh', 'Thành phố'],
    postcode: digits(6),
  },
  JP: {
    first: ['太郎', '花子', '見本', '試'],
    last: ['例田', '見本', '仮名'],
    streets: ['例町1丁目', '見本通り', '仮名台2丁目'],
    places: [
      ['例県', '見本市'],
      ['仮名県', '試町'],
    ],
    levels: ['国', '都道府県', '市区町村'],
    postcode: digits(7),
  },
  TH: {
    first: ['สมมติ', 'ตัวอย่าง', 'ทดสอบ'],
    last: ['ใจดี', 'มานะ', 'ลองดู'],
    streets: ['ถนนตัวอย่าง', 'ซอยทดสอบ'],
    places: [['จังหวัดตัวอย่าง', 'อำเภอสมมติ']],
    levels: ['ประเทศ', 'จังหวัด', 'อำเภอ'],
    postcode: digits(5),
  },
  FR: {
    ...LATIN,
    first: ['Élodie', 'Zoé', 'René', 'Test'],
    streets: ['rue de l’Exemple', 'allée Inventée'],
    places: [['Exemplie', 'Exempleville']],
    levels: ['Pays', 'Région', 'Ville'],
    postcode: digits(5),
  },
  DE: {
    ...LATIN,
    first: ['Jürgen', 'Änne', 'Max', 'Test'],
    streets: ['Musterstraße', 'Beispielweg'],
    places: [['Musterland', 'Beispielstadt']],
    levels: ['Land', 'Bundesland', 'Stadt'],
    postcode: digits(5),
  },
  MY: {
    ...LATIN,
    streets: ['Jalan Contoh', 'Lorong Rekaan'],
    places: [['Negeri Contoh', 'Kampung Rekaan']],
    levels: ['Country', 'State', 'City'],
    postcode: digits(5),
  },
};

/** The invented people of a market. Throws RangeError where none are invented yet. */
export function peopleOf({ region }: Market): People {
  const people = PEOPLE[region];
  if (!people) throw new RangeError(`nobody lives in ${region} yet`);
  return people;
}

import type { Market } from './market.ts';
import { MARKETS } from './markets.ts';
import { hash } from './random.ts';

/** One variant that can be bought; texts are ready-quoted JSON, the price is in minor units of the market. */
export interface Sku {
  readonly id: string;
  readonly productId: string;
  readonly name: string;
  readonly productName: string;
  readonly sellerSku: string;
  readonly price: number;
  readonly gift: boolean;
}

type Row = readonly [name: string, code: string, euroCents: number, variants: readonly string[]];

const SIZES = ['Black, S', 'Black, M', 'Black, L', 'Sand, M'];
const ENGLISH: readonly Row[] = [
  ['Cotton tee, heavy weight', 'TEE', 1499, SIZES],
  ['Desk lamp "Halo" 27 cm / 11"', 'LMP-27', 3290, ['White', 'Black']],
  ['Steel bottle 500 ml', 'BTL-500', 1250, ['Blue', 'Green', 'Red']],
  ['Face cream with oat, 50 ml', 'CRM-50', 2149, ['Default']],
  ['Phone case – clear & thin', 'CASE', 799, ['6.1 in', '6.7 in']],
  ['Yoga mat 6 mm', 'MAT-6', 2699, ['Plum', 'Grey']],
  ['Sample sachet (free gift)', 'GIFT-1', 199, ['Default']],
];

const CATALOGUES: Readonly<Record<Market['language'], readonly Row[]>> = {
  en: ENGLISH,
  vi: [
    ['Áo thun cotton – cỡ lớn', 'AT-L', 750, ['Đen, L', 'Trắng, L', 'Xanh rêu, XL']],
    ['Nước mắm cá cơm 500 ml', 'NM-500', 410, ['Mặc định']],
    ['Dép đi trong nhà êm chân', 'DEP', 520, ['Hồng, 38', 'Xám, 40']],
    ['Bình giữ nhiệt 1 lít', 'BGN-1L', 890, ['Bạc', 'Đỏ']],
    ['Quà tặng kèm: túi vải', 'QT-1', 100, ['Mặc định']],
  ],
  ja: [
    ['抹茶クッキー 12枚入り', 'MC-12', 1180, ['抹茶', 'ほうじ茶']],
    ['折りたたみ傘 55cm 軽量', 'KASA-55', 1890, ['紺', 'ベージュ']],
    ['保湿クリーム 50g【敏感肌用】', 'HC-50', 2280, ['無香料', 'ゆず']],
    ['ノート A5 方眼 3冊セット', 'NOTE-A5', 720, ['白', '黒']],
    ['おまけ:ステッカー', 'OM-1', 90, ['既定']],
  ],
  th: [
    ['เสื้อยืดผ้าฝ้าย', 'TS', 390, ['ดำ, L', 'ขาว, M']],
    ['สบู่สมุนไพร 100 ก.', 'SB-100', 155, ['ตะไคร้', 'มะกรูด']],
    ['กระเป๋าผ้า', 'BAG', 260, ['ครีม', 'เขียว']],
    ['ของแถม', 'GF-1', 50, ['ค่าเริ่มต้น']],
  ],
  de: [
    ['Küchenmesser, rostfrei 20 cm', 'MES-20', 2490, ['Holzgriff', 'Griff schwarz']],
    ['Wollsocken – 3 Paar', 'SOC-3', 1290, ['Größe 38–41', 'Größe 42–45']],
    ['Gießkanne 1,5 l', 'GK-15', 1699, ['Grün', 'Weiß']],
    ['Gratisprobe', 'PRB-1', 150, ['Standard']],
  ],
  fr: [
    ['Crème hydratante – 50 ml', 'CRM-50', 3749, ['Sans parfum', 'Fleur d’oranger']],
    ['Théière en grès', 'THE-1', 4200, ['Bleu nuit', 'Écru']],
    ['Savon de Marseille ×4', 'SAV-4', 1150, ['Olive', 'Lavande']],
    ['Échantillon offert', 'ECH-1', 180, ['Par défaut']],
  ],
  ms: [
    ['Botol air 500 ml', 'BTL-500', 258, ['Biru', 'Merah']],
    ['Tudung bawal kapas', 'TB', 420, ['Krim', 'Hitam', 'Zaitun']],
    ['Sambal garing 200 g', 'SG-200', 330, ['Asal', 'Extra pedas']],
    ['Hadiah percuma', 'HP-1', 80, ['Asal']],
  ],
};

function skusOf(market: Market): readonly Sku[] {
  const rows = market.language === 'en' ? ENGLISH : [...CATALOGUES[market.language], ...ENGLISH.slice(0, 2)];
  return rows.flatMap(([name, code, euroCents, variants], row) =>
    variants.map((variant, index): Sku => {
      const steps = Math.max(1, Math.round((euroCents * market.perCent) / market.priceStep));
      return {
        id: `17295800000000${10_000 + row * 100 + index}`,
        productId: `17295800000000${10_000 + row * 100 + 99}`,
        name: JSON.stringify(variant),
        productName: JSON.stringify(name),
        // Every few variants a seller has not entered a code.
        sellerSku: JSON.stringify(hash(row, index) % 7 === 0 ? '' : `${code}-${index + 1}`),
        price: steps * market.priceStep,
        gift: /GIFT|QT|OM-|GF|PRB|ECH|HP-/.test(code),
      };
    }),
  );
}

interface Catalogue {
  readonly sold: readonly Sku[];
  readonly gifts: readonly Sku[];
}

const BY_REGION: ReadonlyMap<string, Catalogue> = new Map(
  MARKETS.map((market) => {
    const skus = skusOf(market);
    return [market.region, { sold: skus.filter((sku) => !sku.gift), gifts: skus.filter((sku) => sku.gift) }];
  }),
);

/** What a shop of this market sells and gives away. */
export function catalogueOf(market: Market): Catalogue {
  const catalogue = BY_REGION.get(market.region);
  if (!catalogue) throw new RangeError(`no catalogue for ${market.region}`);
  return catalogue;
}

import type { Market } from './market.ts';

/** Localised free text of a market. Everything is ready-quoted JSON. */
export interface Words {
  readonly delivery: string;
  readonly provider: string;
  readonly paidBy: readonly string[];
  readonly onDelivery: string;
  readonly messages: readonly string[];
  readonly reasons: Readonly<Record<'BUYER' | 'SELLER' | 'SYSTEM', readonly string[]>>;
}

interface Plain {
  readonly delivery: string;
  readonly provider: string;
  readonly paidBy: readonly string[];
  readonly onDelivery?: string;
  readonly messages: readonly string[];
  readonly buyer: readonly string[];
  readonly seller: readonly string[];
  readonly system: readonly string[];
}

const quoted = (list: readonly string[]): readonly string[] => list.map((text) => JSON.stringify(text));

const words = (plain: Plain): Words => ({
  delivery: JSON.stringify(plain.delivery),
  provider: JSON.stringify(plain.provider),
  paidBy: quoted(plain.paidBy),
  onDelivery: JSON.stringify(plain.onDelivery ?? 'Cash on delivery'),
  messages: quoted(plain.messages),
  reasons: { BUYER: quoted(plain.buyer), SELLER: quoted(plain.seller), SYSTEM: quoted(plain.system) },
});

const WORDS: Readonly<Record<Market['language'], Words>> = {
  en: words({
    delivery: 'Standard Shipping',
    provider: 'Example Express',
    paidBy: ['CCDC', 'PayPal', 'Apple Pay', 'Google Pay'],
    messages: ['Leave at door', 'It is a present 🎁\nplease no invoice', 'Ring "Flat B", not "A"'],
    buyer: ['No longer needed', 'Better price available', 'Wrong address'],
    seller: ['Out of stock', 'Pricing error'],
    system: ['Package lost', 'Customer overdue to pay'],
  }),
  vi: words({
    delivery: 'Giao hàng tiêu chuẩn',
    provider: 'Ví Dụ Express',
    paidBy: ['Ví điện tử', 'Thẻ tín dụng/ghi nợ'],
    onDelivery: 'Thanh toán khi nhận hàng',
    messages: ['Giao giờ hành chính giúp em', 'Gọi trước khi giao ạ'],
    buyer: ['Không còn nhu cầu', 'Muốn đổi địa chỉ nhận hàng'],
    seller: ['Hết hàng'],
    system: ['Không thể giao hàng', 'Quá hạn thanh toán'],
  }),
  ja: words({
    delivery: '通常配送',
    provider: 'サンプル運輸',
    paidBy: ['クレジットカード', 'PayPay', 'コンビニ払い'],
    messages: ['置き配でお願いします', '午前中に届けてください'],
    buyer: ['不要になった', '注文を間違えた'],
    seller: ['在庫切れ'],
    system: ['支払期限切れ', '荷物の紛失'],
  }),
  th: words({
    delivery: 'จัดส่งมาตรฐาน',
    provider: 'TT Virtual Express',
    paidBy: ['พร้อมเพย์', 'บัตรเครดิต'],
    onDelivery: 'เก็บเงินปลายทาง',
    messages: ['โทรก่อนส่ง'],
    buyer: ['ไม่ต้องการแล้ว'],
    seller: ['สินค้าหมด'],
    system: ['หมดเวลาชำระเงิน'],
  }),
  de: words({
    delivery: 'Standardversand',
    provider: 'Beispiel Paket',
    paidBy: ['Kreditkarte', 'PayPal', 'Klarna'],
    messages: ['Bitte beim Nachbarn abgeben (Größe passt so)'],
    buyer: ['Nicht mehr benötigt'],
    seller: ['Nicht auf Lager'],
    system: ['Zahlung überfällig', 'Paket verloren'],
  }),
  fr: words({
    delivery: 'Livraison standard',
    provider: 'Exemple Relais',
    paidBy: ['Carte bancaire', 'PayPal'],
    messages: ['Merci de sonner à « Accueil »'],
    buyer: ['Je n’en ai plus besoin'],
    seller: ['Rupture de stock'],
    system: ['Paiement non reçu', 'Colis perdu'],
  }),
  ms: words({
    delivery: 'Penghantaran Standard',
    provider: 'Contoh Ekspres',
    paidBy: ['Online banking', 'E-dompet'],
    onDelivery: 'Bayar semasa terima',
    messages: ['Letak di pondok pengawal'],
    buyer: ['Tidak diperlukan lagi'],
    seller: ['Kehabisan stok'],
    system: ['Bayaran lewat'],
  }),
};

export const wordsOf = (market: Market): Words => WORDS[market.language];

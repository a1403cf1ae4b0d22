import type { Agenda } from '../agenda.ts';
import type { WorldOptions } from '../history.ts';
import type { Market } from '../market.ts';
import { Random, at, hash } from '../random.ts';
import type { Veil } from '../veil.ts';
import { layProducts, makeProduct } from './make.ts';
import type { Product, ProductStatus, VisibleProduct } from './product.ts';
import { renderProduct, viewProduct } from './render.ts';

const DAY = 86_400;

/** The products of a shop, alive: new prices, stock, texts and statuses, products added and deleted. */
export class Listing {
  readonly #options: WorldOptions;
  readonly #market: Market;
  readonly #agenda: Agenda;
  readonly #clock: () => number;
  readonly #veil: Veil<Product>;
  readonly #random: Random;
  readonly #products: Product[];
  readonly #byId: Map<string, Product>;
  readonly #texts = new WeakMap<Product, { readonly version: number; readonly text: Buffer }>();
  #generation = 0;

  /** `clock` gives unix seconds. */
  constructor(options: WorldOptions, market: Market, agenda: Agenda, clock: () => number, veil: Veil<Product>) {
    this.#options = options;
    this.#market = market;
    this.#agenda = agenda;
    this.#clock = clock;
    this.#veil = veil;
    this.#random = new Random(hash(hash(options.seed, options.shopIndex), 0x6c697374));
    this.#products = layProducts(options, market);
    this.#byId = new Map(this.#products.map((product) => [product.id, product]));
    this.#plan(options.start);
  }

  /** Every product as the API shows it now. */
  get products(): readonly Product[] {
    return this.#veil.shown(this.#products);
  }

  /** Grows with each change of any product. */
  get generation(): number {
    return this.#generation;
  }

  find(id: string): Product | undefined {
    const product = this.#byId.get(id);
    return product && this.#veil.shown([product])[0];
  }

  view(id: string): VisibleProduct | undefined {
    const product = this.find(id);
    return product && viewProduct(product, this.#market);
  }

  /** The JSON of a product as shown now, in UTF-8. */
  payload(product: Product): Buffer {
    const kept = this.#texts.get(product);
    if (kept?.version === product.version) return kept.text;
    const text = Buffer.from(renderProduct(product, this.#market));
    this.#texts.set(product, { version: product.version, text });
    return text;
  }

  /** Lists a new product; returns its id. `time` in unix seconds, as everywhere here; default now. */
  add(time = this.#now): string {
    const product = makeProduct(this.#options, this.#market, this.#products.length, time);
    this.#products.push(product);
    this.#byId.set(product.id, product);
    this.#veil.change(product, time, () => undefined);
    this.#generation += 1;
    return product.id;
  }

  /** Changes the title. This and the others throw for an unknown id. */
  edit(id: string, time = this.#now): void {
    this.#change(id, time, (product) => {
      product.title = `${product.title.replace(/ \(rev \d+\)$/, '')} (rev ${product.version + 1})`;
    });
  }

  /** Changes the price of one SKU, by default the first, to `minor` units or by a step of the market. */
  price(id: string, minor?: number, sku = 0, time = this.#now): void {
    this.#change(id, time, ({ variants }) => {
      const variant = at(variants, sku);
      variant.price = minor ?? variant.price + this.#market.priceStep;
    });
  }

  /** Sets the stock of one SKU, by default the first. */
  stock(id: string, quantity: number, sku = 0, time = this.#now): void {
    this.#change(id, this.#options.stockMovesUpdateTime ? time : undefined, ({ variants }) => {
      at(variants, sku).quantity = quantity;
    });
  }

  setStatus(id: string, status: ProductStatus, time = this.#now): void {
    this.#change(id, time, (product) => {
      product.status = status;
    });
  }

  /** Edits `count` products in one second, from the first on; adds what is missing. Returns ids. */
  burst(count: number, time = this.#now): string[] {
    const ids = this.#products.slice(0, count).map(({ id }) => id);
    for (const id of ids) this.edit(id, time);
    while (ids.length < count) ids.push(this.add(time));
    return ids;
  }

  get #now(): number {
    return Math.floor(this.#clock());
  }

  #change(id: string, time: number | undefined, change: (product: Product) => void): void {
    const product = this.#byId.get(id);
    if (!product) throw new Error(`no product ${id}`);
    this.#veil.change(product, time ?? this.#now, () => structuredClone(product));
    change(product);
    if (time !== undefined) product.updated = time;
    product.version += 1;
    this.#generation += 1;
  }

  #plan(from: number): void {
    const perDay = this.#options.productChanges * this.#options.pace;
    if (perDay === 0 || this.#products.length === 0) return;
    const wait = Math.max(1, Math.round(((2 * DAY) / perDay) * this.#random.next()));
    this.#agenda.at(from + wait, (time) => {
      this.#live(time);
      this.#plan(time);
    });
  }

  #live(time: number): void {
    const random = this.#random;
    const { id, status, variants } = random.pick(this.#products);
    const sku = random.between(0, variants.length - 1);
    const draw = random.next();
    // TikTok: what is deleted stays deleted; the life of a shop goes on with other products.
    if (status === 'DELETED' || draw < 0.06) this.add(time);
    else if (draw < 0.5) this.stock(id, random.between(0, 500), sku, time);
    else if (draw < 0.75) this.price(id, this.#market.priceStep * random.between(1, 5000), sku, time);
    else if (draw < 0.87) this.edit(id, time);
    else if (draw < 0.97) this.setStatus(id, status === 'ACTIVATE' ? 'SELLER_DEACTIVATED' : 'ACTIVATE', time);
    else this.setStatus(id, 'DELETED', time);
  }
}

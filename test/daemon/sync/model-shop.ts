/** One version of an order: what the API shows from `visibleAt` on. Times are unix seconds. */
export interface Version {
  readonly status: string;
  readonly updateTime: number;
  readonly visibleAt: number;
  readonly note: string;
}

export interface ModelOrder {
  readonly id: string;
  readonly createTime: number;
  readonly versions: Version[];
}

/** A shop that exists only in memory, with every version of every order, so that a store can be judged by it. */
export class ModelShop {
  readonly orders = new Map<string, ModelOrder>();
  #next = 1;

  /** A new order, by default placed and visible at `at`. */
  place(
    at: number,
    options: {
      readonly visibleAt?: number;
      readonly createTime?: number;
      readonly status?: string;
      readonly note?: string;
    } = {},
  ): string {
    const id = `57${String(this.#next++).padStart(8, '0')}`;
    this.orders.set(id, { id, createTime: options.createTime ?? at, versions: [] });
    this.change(id, at, { status: options.status ?? 'UNPAID', ...options });
    return id;
  }

  /** A new version of an order. */
  change(
    id: string,
    updateTime: number,
    options: { readonly visibleAt?: number; readonly status?: string; readonly note?: string } = {},
  ): void {
    const order = this.orders.get(id);
    if (order === undefined) throw new Error(`no order ${id}`);
    order.versions.push({
      status: options.status ?? order.versions.at(-1)?.status ?? 'UNPAID',
      updateTime,
      visibleAt: options.visibleAt ?? updateTime,
      note: options.note ?? `v${order.versions.length + 1}`,
    });
  }

  /** The version that the API shows at a moment: the last one that became visible, in the order in which they were made. */
  shown(order: ModelOrder, at: number): Version | undefined {
    return order.versions.findLast((version) => version.visibleAt <= at);
  }

  /** Everything visible at a moment, as the API's JSON. */
  visible(at: number): Record<string, unknown>[] {
    return [...this.orders.values()].flatMap((order) => {
      const version = this.shown(order, at);
      return version === undefined ? [] : [toWire(order, version)];
    });
  }
}

export const toWire = (order: ModelOrder, version: Version): Record<string, unknown> => ({
  id: order.id,
  status: version.status,
  create_time: order.createTime,
  update_time: version.updateTime,
  buyer_message: version.note,
  payment: { currency: 'GBP', total_amount: '12.50' },
  line_items: [{ id: `${order.id}1`, sku_id: '17', product_id: '18', product_name: 'Tee', sale_price: '12.50' }],
});

import type { Answer, ApiRequest, ShopApi } from '../../../daemon/tiktok/api.ts';

export type Asked = Pick<ApiRequest<unknown>, 'method' | 'path' | 'query' | 'body'>;

/** An API that answers each request with what a test says of it; `asked` are the requests so far. */
export function answering(
  answer: (request: Asked, n: number) => unknown,
): ShopApi & { readonly asked: readonly Asked[] } {
  const asked: Asked[] = [];
  return {
    shop: { id: '7490', name: 'Shop', region: 'GB', cipher: 'GCP_x' },
    asked,
    async call<T>({ data, ...request }: ApiRequest<T>): Promise<Answer<T>> {
      asked.push(request);
      const value = JSON.parse(JSON.stringify(answer(request, asked.length)));
      return { data: data.parse(value), sentAt: 1_800_000_000 + asked.length, asked: asked.length };
    },
  };
}

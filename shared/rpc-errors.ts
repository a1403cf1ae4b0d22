/** Numbers of the JSON-RPC specification and ours, by the stable word that clients branch on (`error.data.code`). */
export const rpcErrors = {
  parse_error: -32700,
  invalid_request: -32600,
  unknown_method: -32601,
  invalid_params: -32602,
  internal: -32603,
  shutting_down: -32010,
  busy: -32011,
  read_only: -32012,
  not_authorized: -32013,
  unknown_stream: -32014,
  unknown_shop: -32014,
  unknown_run: -32014,
  unknown_order: -32014,
  limit: -32015,
  store: -32016,
  api: -32017,
} as const;

export type RpcErrorCode = keyof typeof rpcErrors;

/** An error as it travels: `data.retryable` says whether the same call may succeed later, `data.hint` what to do. */
export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly code: RpcErrorCode; readonly retryable: boolean; readonly hint?: string };
}

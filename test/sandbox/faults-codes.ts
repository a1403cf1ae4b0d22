const byStatus: Readonly<Record<number, readonly number[]>> = {
  400: [36009004, 36009014, 106013, 36009022, 36009023],
  401: [105001, 105002, 105005, 106001, 101000, 36009043, 36009044],
  404: [36009009],
  405: [36009010],
  429: [36009002, 36009037],
};

const statuses = new Map(
  Object.entries(byStatus).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)])),
);

/** The HTTP status that an error code comes with. TikTok: 200, unless the gateway refuses before an endpoint is asked. */
export const statusOf = (code: number): number => statuses.get(code) ?? 200;

/**
 * The name an endpoint has in budgets, metrics and errors: its path with the ids taken out. TikTok: limits count per
 * endpoint, versions are six digits (`202309`), ids are longer.
 */
export const endpointOf = (path: string): string => path.replaceAll(/(?<=\/)\d{7,}(?=\/|$)/g, '{id}');

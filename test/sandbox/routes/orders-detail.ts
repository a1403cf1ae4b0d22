import { arrayOf, failure, success, type Reply } from '../envelope.ts';
import { badParameter, type ShopCall } from './call.ts';

const MOST = 50;

/** `GET /order/{version}/orders?ids=a,b`: the orders that this shop shows now, in the order asked for. */
export function detailRoute(call: ShopCall): Reply {
  const ids = (call.parameter('ids') ?? '').split(',').filter((id) => id !== '');
  if (ids.length === 0) return badParameter(call, 'ids', 'is required');
  if (ids.length > MOST) return badParameter(call, 'ids', `has more than ${MOST} values`);
  const { world, worlds, knobs, requestId } = call;
  const foreign = ids.some((id) => worlds.some((other) => other !== world && other.positionOf(id) !== undefined));
  if (foreign && knobs.foreignIds === 'error') {
    return failure(200, 21008111, 'an order belongs to another seller', requestId, {});
  }
  const positions = [...new Set(ids)].flatMap((id) => world.positionOf(id) ?? []);
  const texts = call.pageFaults.strip(
    positions.map((position) => world.payload(position)),
    call.struck,
  );
  if (texts.length === 0) return success([Buffer.from('{}')], requestId);
  return success([Buffer.from('{"orders":'), ...arrayOf(texts), Buffer.from('}')], requestId);
}

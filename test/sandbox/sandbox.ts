import { Consent } from './consent.ts';
import { Counters } from './counters.ts';
import { Faults } from './faults.ts';
import { Gateway, type SandboxShop } from './gateway.ts';
import { withDefaults, type SandboxOptions } from './options.ts';
import { RateLimit } from './rate-limit.ts';
import { listen } from './server.ts';
import { Tokens } from './tokens.ts';
import { MARKETS } from './world/markets.ts';
import { at, hash } from './world/random.ts';
import { World } from './world/world.ts';

const APP_KEY = '6sandboxkey01';
const APP_SECRET = 'f00dfacef00dfacef00dfacef00dfacef00dface';
const MAX_SHOPS = 10;

/** A TikTok Shop API on loopback, for tests and for the demonstration. */
export interface Sandbox extends AsyncDisposable {
  /** Both the API host and the token host. */
  readonly url: string;
  readonly appKey: string;
  readonly appSecret: string;
  /** The newest tokens; they change with each refresh. */
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly shops: readonly SandboxShop[];
  /** The world of the first shop. */
  readonly world: World;
  readonly tokens: Tokens;
  readonly faults: Faults;
  readonly requests: Counters;
  /** Stops or resumes the life of all shops. */
  freeze(frozen: boolean): void;
  /** Stops listening and ends every connection, idle ones too. */
  close(): Promise<void>;
}

/** Makes the shops and listens. Throws RangeError for an unknown region or too many shops. */
export async function startSandbox(given: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const options = withDefaults(given);
  const { now, seed, lag } = options;
  const shops = makeShops(options);
  const tokens = new Tokens(
    options,
    shops.map(({ cipher, id }) => ({ cipher, id })),
    now,
  );
  const consent = new Consent(shops.map(({ id }) => id));
  const faults = new Faults(
    {
      expire: () => tokens.expire(),
      revoke: () => tokens.revoke(),
      withdraw: (shop, code) => consent.withdraw(shop, code),
      consent: () => consent.restore(),
      late: (only, delay) => {
        for (const { id, world } of shops) if (only === undefined || only === id) world.late(delay, lag);
      },
    },
    seed,
    now,
  );
  const requests = new Counters();
  const gateway = new Gateway({
    appKey: APP_KEY,
    appSecret: APP_SECRET,
    lenientEmptyBody: options.lenientEmptyBody,
    latencyMs: options.latencyMs,
    knobs: options,
    shops,
    tokens,
    faults,
    counters: requests,
    limit: new RateLimit(options.rate, options.burst ?? options.rate, now),
    analyticsLimit: new RateLimit(options.analyticsRate, 1, now),
    consent,
    now,
  });
  const freeze = (frozen: boolean): void => {
    for (const { world } of shops) world.freeze(frozen);
  };
  if (options.frozen) freeze(true);
  if (options.warm) for (const { world } of shops) world.warm();
  const { url, close } = await listen(options.port, (call) => gateway.answer(call), now);
  return {
    url,
    appKey: APP_KEY,
    appSecret: APP_SECRET,
    get accessToken() {
      return tokens.grant.accessToken;
    },
    get refreshToken() {
      return tokens.grant.refreshToken;
    },
    shops,
    world: at(shops, 0).world,
    tokens,
    faults,
    requests,
    freeze,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function makeShops(options: SandboxOptions): SandboxShop[] {
  if (options.shops < 1 || options.shops > MAX_SHOPS) throw new RangeError(`1 to ${MAX_SHOPS} shops`);
  const regions = options.regions.length > 0 ? options.regions : MARKETS.map(({ region }) => region);
  const start = Math.floor(options.now());
  return Array.from({ length: options.shops }, (_, shopIndex) => {
    const region = at(regions, shopIndex % regions.length);
    const number = shopIndex + 1;
    return {
      id: `749000000000000000${shopIndex}`,
      name: `Sandbox ${region} ${number}`,
      region,
      cipher: `ROW_SANDBOX${hash(options.seed, shopIndex).toString(36)}_${number}`,
      code: `${region}LCSANDBOX${number}`,
      world: new World({ ...options, region, shopIndex, start }, options.lag, options.now),
    };
  });
}
